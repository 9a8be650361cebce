// A tensor [2, ...], real parts before imaginary ones, or real parts alone, from texels that hold two complex numbers: of
// two columns, or of two rows. Of the transform of a real image only the rows of a half may be there: the rest is
// conjugate to what lies on the other side of frequency 0.

struct Params {
  // Columns and rows of the tensor.
  size: vec2i,
  // Rows that the spectrum has.
  known: i32,
  // Layers of the real parts, and of a channel.
  layers: i32,
  depth: i32,
  // 1: two rows per texel.
  rows: i32,
  // 1: z was transformed, so that its frequencies have another side.
  deep: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let size = size_parts();
  let place = flat_place(group, groups, lane, size.x);
  if (place.y >= size.y) {
    return;
  }
  let layer = i32(group.z);
  let far = place.y >= params.known;
  let z = layer - layer / params.depth * params.depth;
  let far_layer = layer - z + select(z, params.depth - z, (params.deep == 1) & (z > 0));
  let y = select(place.y, params.size.y - place.y, far);
  var real = vec4f();
  var imaginary = vec4f();
  // @unroll
  for (var i = 0; i < 4; i++) {
    let column = min(4 * place.x + i, params.size.x - 1);
    let x = select(column, params.size.x - column, far & (column > 0));
    let at = select(vec2i(x / 2, y), vec2i(x, y / 2), params.rows == 1);
    let texel = load_spectrum(at.x, at.y, select(layer, far_layer, far));
    let number = select(texel.xz, texel.yw, (select(x, y, params.rows == 1) & 1) == 1);
    real[i] = number.x;
    imaginary[i] = select(number.y, -number.y, far);
  }
  store_parts(place.x, place.y, layer, real);
  if (size.z > params.layers) {
    store_parts(place.x, place.y, layer + params.layers, imaginary);
  }
}
