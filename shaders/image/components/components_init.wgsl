// Every set pixel is a component of its own: its label is 1 + the index of its parent, itself. 0 is background.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = flat_group(group, groups) * 512u + lane;
  for (var k = 0u; k < 8u; k++) {
    let index = first + 64u * k;
    if (index < length_mask()) {
      store_labels(index, select(0, i32(index) + 1, load_mask(index) > 0.5));
    }
  }
  if (first < length_unfinished()) {
    store_unfinished(first, 0u);
  }
}
