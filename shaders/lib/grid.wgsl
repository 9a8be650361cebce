// Grids of more than 65,535 workgroups are folded into two dimensions; these unfold them.

fn flat_group(workgroup_id: vec3u, num_workgroups: vec3u) -> u32 {
  return workgroup_id.y * num_workgroups.x + workgroup_id.x;
}

// Number of this invocation among all; the last ones may lie beyond the work.
fn flat_index(workgroup_id: vec3u, num_workgroups: vec3u, local_index: u32, workgroup_size: u32) -> u32 {
  return flat_group(workgroup_id, num_workgroups) * workgroup_size + local_index;
}
