// Grids of more than 65,535 workgroups are folded into two dimensions; these unfold them.

fn flat_group(workgroup_id: vec3u, num_workgroups: vec3u) -> u32 {
  return workgroup_id.y * num_workgroups.x + workgroup_id.x;
}

// Number of this invocation among all; the last ones may lie beyond the work.
fn flat_index(workgroup_id: vec3u, num_workgroups: vec3u, local_index: u32, workgroup_size: u32) -> u32 {
  return flat_group(workgroup_id, num_workgroups) * workgroup_size + local_index;
}

// Column and row of this invocation in layers of rows that follow each other without gaps, 64 invocations per group; the
// last rows may lie beyond the work. Lanes are full whatever the width, and neighbors in a row stay neighbors.
fn flat_place(workgroup_id: vec3u, num_workgroups: vec3u, lane: u32, columns: i32) -> vec2i {
  let index = i32(flat_index(workgroup_id, num_workgroups, lane, 64u));
  let row = index / columns;
  return vec2i(index - row * columns, row);
}
