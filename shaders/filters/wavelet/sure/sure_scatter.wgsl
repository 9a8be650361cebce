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
  var places: array<u32, 16>;
  // @unroll
  for (var j = 0; j < 16; j++) {
    places[j] = load_offsets(table + u32(j) * lanes + place);
  }
  for (var i = begin; i < end; i++) {
    let key = load_keys(start + i);
    let digit = (key >> params.shift) & 15u;
    store_sorted(start + places[digit], key);
    places[digit] += 1u;
  }
}
