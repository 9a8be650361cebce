// Texels of four pixels of a row to row-major elements.

struct Params { width: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_image();
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size.xy)) { return; }
  let value = load_image(at.x, at.y, at.z);
  let first = at.x * 4;
  let index = u32((at.z * size.y + at.y) * params.width + first);
  // @unroll
  for (var lane = 0; lane < 4; lane++) {
    if (first + lane < params.width) { store_result(index + u32(lane), value[lane]); }
  }
}
