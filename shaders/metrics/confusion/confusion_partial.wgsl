// Counts of each of 64 workgroups: true positive, false positive, false negative, true negative.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var found = vec4u(0u);
  let elements = loop_count_u(length_mask(), lane);
  for (var i = group.x * 64u + lane; i < elements; i += 4096u) {
    let said = vec4<bool>(load_mask(i) > 0.5) == vec4<bool>(true, true, false, false);
    let so = vec4<bool>(load_truth(i) > 0.5) == vec4<bool>(true, false, true, false);
    found += select(vec4u(0u), vec4u(1u), said & so);
  }
  let total = workgroup_count(lane, found);
  if (lane < 4u) {
    store_counts(4u * group.x + lane, total[lane]);
  }
}
