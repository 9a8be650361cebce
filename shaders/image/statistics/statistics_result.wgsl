// Second level: one workgroup puts the 64 partial results together.

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  let extent = workgroup_max(lane, vec4f(load_extents(4u * lane), load_extents(4u * lane + 1u), 0.0, 0.0));
  let sums = workgroup_sum(lane, vec4f(load_sums(4u * lane), load_sums(4u * lane + 1u), 0.0, 0.0));
  let squares = workgroup_sum(lane, vec4f(load_squares(4u * lane))).x;
  let count = max(sums.x, 1.0);
  if (lane == 0u) {
    store_output(0u, sums.x);
    store_output(1u, sums.y / count);
    store_output(2u, sqrt(squares / count));
    store_output(3u, -extent.x);
    store_output(4u, extent.y);
  }
}
