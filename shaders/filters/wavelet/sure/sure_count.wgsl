// A pass of a radix sort by four bits, first part: how often each digit occurs in each lane's run of keys. A workgroup has
// a block of 64 runs of a segment (the keys of one band and channel).

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
  var counts: array<u32, 16>;
  for (var i = run.begin; i < run.end; i++) {
    let digit = (load_keys(run.start + i) >> params.shift) & 15u;
    // @unroll
    for (var j = 0; j < 16; j++) {
      counts[j] += select(0u, 1u, digit == u32(j));
    }
  }
  // @unroll
  for (var j = 0; j < 16; j++) {
    store_counts(run.slot + u32(j) * run.lanes, counts[j]);
  }
}
