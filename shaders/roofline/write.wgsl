// Stores a column of texels that it computes from their place: the bandwidth of writing.

const ROWS = 16;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  let size = size_result();
  if (at.x >= size.x) { return; }
  // @unroll
  for (var row = 0; row < ROWS; row++) {
    store_result(at.x, min(at.y * ROWS + row, size.y - 1), at.z, vec4f(f32(at.x + row)));
  }
}
