// Copies texels: the bandwidth that a page of this engine can reach at most.

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at >= size_result())) { return; }
  store_result(at.x, at.y, at.z, load_image(at.x, at.y, at.z));
}
