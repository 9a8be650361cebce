// Copies one slice of each channel; four pixels per invocation.

struct Params {
  // slices of a channel
  slices: i32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at.xy >= size_output().xy)) {
    return;
  }
  let slice = clamp(i32(load_slice(0u)), 0, params.slices - 1);
  store_output(at.x, at.y, at.z, load_input(at.x, at.y, at.z * params.slices + slice));
}
