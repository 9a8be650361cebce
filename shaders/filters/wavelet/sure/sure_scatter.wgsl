// Third part: the keys of each lane's run go to their places, in their order.

struct Params {
  shift: u32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_group(group, groups);
  if (2u * block >= length_blocks()) {
    return;
  }
  let run = run_of(block, lane);
  var places: array<u32, 16>;
  // @unroll
  for (var j = 0; j < 16; j++) {
    places[j] = load_offsets(run.slot + u32(j) * run.lanes);
  }
  for (var i = run.begin; i < run.end; i++) {
    let key = load_keys(run.start + i);
    let digit = (key >> params.shift) & 15u;
    store_sorted(run.start + places[digit], key);
    places[digit] += 1u;
  }
}
