// (x - mean) / deviation, four pixels an invocation.

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size_output().xy)) {
    return;
  }
  let mean = load_statistics(1u);
  let deviation = load_statistics(2u);
  store_output(at.x, at.y, at.z, (load_input(at.x, at.y, at.z) - mean) / select(1.0, deviation, deviation > 0.0));
}
