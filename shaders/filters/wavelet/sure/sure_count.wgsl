// A turn of a radix sort by four bits, first part: how often each digit occurs in each lane's run of keys. A workgroup has
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
  let segment = 6u * load_blocks(2u * block);
  let number = load_blocks(2u * block + 1u);
  let start = load_segments(segment);
  let count = load_segments(segment + 1u);
  let run = load_segments(segment + 2u);
  let lanes = 64u * load_segments(segment + 3u);
  let table = load_segments(segment + 4u);
  let place = 64u * number + lane;
  let begin = min(place * run, count);
  let end = min(begin + run, count);
  var counts: array<u32, 16>;
  for (var i = begin; i < end; i++) {
    let digit = (load_keys(start + i) >> params.shift) & 15u;
    // @unroll
    for (var j = 0; j < 16; j++) {
      counts[j] += select(0u, 1u, digit == u32(j));
    }
  }
  // @unroll
  for (var j = 0; j < 16; j++) {
    store_counts(table + u32(j) * lanes + place, counts[j]);
  }
}
