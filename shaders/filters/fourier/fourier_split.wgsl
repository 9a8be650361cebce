// A tensor [2, ...], real parts before imaginary ones, or real parts alone, from texels that hold two complex numbers: of
// two columns, or of two rows.

struct Params {
  // Columns and rows of the tensor.
  size: vec2i,
  // Layers of the real parts.
  layers: i32,
  // 1: two rows per texel.
  rows: i32,
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
  var real = vec4f();
  var imaginary = vec4f();
  // @unroll
  for (var i = 0; i < 4; i++) {
    let x = min(4 * place.x + i, params.size.x - 1);
    let at = select(vec2i(x / 2, place.y), vec2i(x, place.y / 2), params.rows == 1);
    let texel = load_spectrum(at.x, at.y, layer);
    let number = select(texel.xz, texel.yw, (select(x, place.y, params.rows == 1) & 1) == 1);
    real[i] = number.x;
    imaginary[i] = number.y;
  }
  store_parts(place.x, place.y, layer, real);
  if (size.z > params.layers) {
    store_parts(place.x, place.y, layer + params.layers, imaginary);
  }
}
