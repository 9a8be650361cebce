// Counts the pixels of each component at the place of its first one.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane, 64u);
  if (index >= length_labels()) {
    return;
  }
  let label = load_labels(index);
  if (label > 0) {
    atomicAdd(&counts[u32(label) - 1u], 1u);
  }
}
