// One step of a bitonic merge whose stride is longer than what a workgroup holds: each invocation compares two pairs.

const WORKGROUP = 64; // @tune

struct Params { size: u32, merge: u32, stride: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  let low = 2u * index - (index & (params.stride - 1u));
  let high = low + params.stride;
  if (high >= length_pairs() / 2u) { return; }
  let low_key = load_pairs(2u * low);
  let low_place = load_pairs(2u * low + 1u);
  let high_key = load_pairs(2u * high);
  let high_place = load_pairs(2u * high + 1u);
  let later = (low_key > high_key) | ((low_key == high_key) & (low_place > high_place));
  if (later == ((low & params.merge & (params.size - 1u)) != 0u)) { return; }
  store_pairs(2u * low, high_key);
  store_pairs(2u * low + 1u, high_place);
  store_pairs(2u * high, low_key);
  store_pairs(2u * high + 1u, low_place);
}
