// Second part: from counts to the place of each lane's first key of each digit. A workgroup has a segment; a lane adds up
// a run of its table, then the lanes' sums are added up, then the run is written.

var<workgroup> sums: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let segment = 6u * group.x;
  let run = loop_count_u(16u * load_segments(segment + 3u), lane);
  let begin = load_segments(segment + 4u) + lane * run;
  var sum = 0u;
  for (var i = 0u; i < run; i++) {
    sum += load_counts(begin + i);
  }
  sums[lane] = sum;
  workgroupBarrier();
  var place = 0u;
  for (var i = 0u; i < lane; i++) {
    place += sums[i];
  }
  for (var i = 0u; i < run; i++) {
    store_offsets(begin + i, place);
    place += load_counts(begin + i);
  }
}
