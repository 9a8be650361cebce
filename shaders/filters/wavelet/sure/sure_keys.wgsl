// Magnitudes of a band's coefficients as whole numbers of the same order, one after the other.

struct Params {
  width: i32,
  // Where the band begins.
  offset: u32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(vec2i(id.xy), slab_begin() + i32(id.z));
  let size = size_band();
  if (all(at.xy < size.xy)) {
    let keys = bitcast<vec4u>(load_band(at.x, at.y, at.z)) & vec4u(0x7fffffffu);
    let first = params.offset + u32((at.z * size.y + at.y) * params.width + 4 * at.x);
    for (var i = 0; i < min(4, params.width - 4 * at.x); i++) {
      store_keys(first + u32(i), keys[i]);
    }
  }
}
