// Reads a column of texels and stores their sum: the bandwidth of reading.

const ROWS = 16;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  let size = size_image();
  if (at.x >= size.x) { return; }
  var sum = vec4f();
  // @unroll
  for (var row = 0; row < ROWS; row++) {
    sum += load_image(at.x, min(at.y * ROWS + row, size.y - 1), at.z);
  }
  store_result(at.x, at.y, at.z, sum);
}
