// The end of a step: adds up the counts of the workgroups and keeps the part of the range that holds the lower median.

struct Params {
  // Workgroups that counted.
  parts: u32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var counts: array<vec4u, 4>;
  let parts = loop_count_u(params.parts, lane);
  for (var part = lane; part < parts; part += 64u) {
    let slot = 16u * (group.z * params.parts + part);
    // @unroll
    for (var q = 0; q < 4; q++) {
      let at = slot + 4u * u32(q);
      counts[q] += vec4u(load_counts(at), load_counts(at + 1u), load_counts(at + 2u), load_counts(at + 3u));
    }
  }
  var group_counts: array<vec4u, 4>;
  // @unroll
  for (var q = 0; q < 4; q++) {
    group_counts[q] = workgroup_count(lane, counts[q]);
  }
  let total = group_counts[0].x;
  let rank = (max(total, 1u) - 1u) / 2u;
  // The median lies above every bound that at most `rank` magnitudes lie below.
  var digit = 0u;
  // @unroll
  for (var j = 1; j < 16; j++) {
    digit += select(0u, 1u, group_counts[j / 4][j % 4] <= rank);
  }
  if (lane < 2u) {
    let found = load_state(2u * group.z) + (digit << params.shift);
    store_next(2u * group.z + lane, select(total, found, lane == 0u));
  }
}
