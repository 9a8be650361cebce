// The sum of the 64 partial counts.

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  let at = 4u * lane;
  let part = vec4u(load_counts(at), load_counts(at + 1u), load_counts(at + 2u), load_counts(at + 3u));
  let total = workgroup_count(lane, part);
  if (lane < 4u) {
    store_output(lane, total[lane]);
  }
}
