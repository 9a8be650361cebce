// A tensor [2, ...], real parts before imaginary ones, from texels that hold two complex numbers. Of the transform of a
// real image only a half may be there: the rest is conjugate to what lies on the other side of frequency 0.

struct Params {
  // Frequencies of a row, and how many of them the spectrum has.
  width: i32,
  known: i32,
  // Layers of the real parts, and of a channel.
  layers: i32,
  depth: i32,
  // 1 for y and z where they were transformed: their frequencies have another side.
  turned: vec2i,
}

fn opposite(place: i32, count: i32, is_turned: i32) -> i32 {
  return select(place, count - place, (is_turned == 1) & (place > 0));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_parts().x);
  let size = size_parts();
  if (place.y >= size.y) {
    return;
  }
  let layer = i32(group.z);
  let z = layer % params.depth;
  let far_y = opposite(place.y, size.y, params.turned.x);
  let far_layer = layer - z + opposite(z, params.depth, params.turned.y);
  var real = vec4f();
  var imaginary = vec4f();
  // @unroll
  for (var i = 0; i < 4; i++) {
    let k = min(4 * place.x + i, params.width - 1);
    let far = k >= params.known;
    let near_k = select(k, params.width - k, far);
    let texel = load_spectrum(near_k / 2, select(place.y, far_y, far), select(layer, far_layer, far));
    let number = select(texel.xz, texel.yw, (near_k & 1) == 1);
    real[i] = number.x;
    imaginary[i] = select(number.y, -number.y, far);
  }
  store_parts(place.x, place.y, layer, real);
  store_parts(place.x, place.y, layer + params.layers, imaginary);
}
