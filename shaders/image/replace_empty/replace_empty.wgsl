// Rows of empty boxes become the given row: each invocation makes one element.

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane, 64u);
  if (index >= length_output()) {
    return;
  }
  let box = 4u * (index / length_row());
  let low = vec2f(load_boxes(box), load_boxes(box + 1u));
  let high = vec2f(load_boxes(box + 2u), load_boxes(box + 3u));
  store_output(index, select(load_row(index % length_row()), load_input(index), all(high > low)));
}
