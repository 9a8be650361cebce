// Second level: one workgroup a part puts the 64 partial results together.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = 4u * (64u * group.y + lane);
  let extent = workgroup_max(lane, vec4f(load_extents(at), load_extents(at + 1u), 0.0, 0.0));
  let sums = workgroup_sum(lane, vec4f(load_sums(at), load_sums(at + 1u), 0.0, 0.0));
  let squares = workgroup_sum(lane, vec4f(load_squares(at))).x;
  let count = max(sums.x, 1.0);
  if (lane == 0u) {
    store_output(5u * group.y + 0u, sums.x);
    store_output(5u * group.y + 1u, sums.y / count);
    store_output(5u * group.y + 2u, sqrt(squares / count));
    store_output(5u * group.y + 3u, -extent.x);
    store_output(5u * group.y + 4u, extent.y);
  }
}
