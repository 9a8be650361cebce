// Second level of the choice, by every invocation for itself, and the mask of what was chosen.

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
  var value = 0.0;
  if (label > 0) {
    var most = 0u;
    var chosen = 0u;
    for (var i = 0u; i < 64u; i++) {
      let pixels = load_best(2u * i);
      let candidate = load_best(2u * i + 1u);
      let better = (pixels > most) | ((pixels == most) & (candidate < chosen));
      most = select(most, pixels, better);
      chosen = select(chosen, candidate, better);
    }
    value = select(0.0, 1.0, u32(label) == chosen);
  }
  store_output(index, value);
}
