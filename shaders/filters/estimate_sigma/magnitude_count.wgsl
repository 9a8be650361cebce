// A step of the search for a median of magnitudes: how many lie below 15 bounds that part the range still in question.
// Zeros don't count. Rows are shared out to workgroups, whose counts are added up by the next page.

struct Params {
  // Pixels of a row, layers of a channel.
  width: i32,
  depth: i32,
  // The bounds are `state + j << shift`.
  shift: u32,
  // Lanes of a group are 2^columns texels wide.
  columns: u32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let size = size_band();
  let channel = i32(group.z);
  let begin = load_state(2u * group.z);
  let share = lane_share(group.x, groups.x, lane, params.columns);
  // Slot 0 is for all that count.
  var counts: array<vec4u, 16>;
  let rows = loop_count(params.depth * size.y, lane);
  let across = loop_count(size.x, lane);
  for (var line = share.row; line < rows; line += share.row_step) {
    let z = line / size.y;
    let y = line - z * size.y;
    let layer = channel * params.depth + z;
    for (var x = share.column; x < across; x += share.column_step) {
      let keys = keys_at(x, y, layer);
      counts[0] += select(vec4u(0u), vec4u(1u), keys != vec4u(NOTHING));
      // @unroll
      for (var j = 1; j < 16; j++) {
        counts[j] += select(vec4u(0u), vec4u(1u), keys < vec4u(begin + (u32(j) << params.shift)));
      }
    }
  }
  var sums: array<u32, 16>;
  // @unroll
  for (var j = 0; j < 16; j++) {
    sums[j] = counts[j].x + counts[j].y + counts[j].z + counts[j].w;
  }
  let slot = 16u * (group.z * groups.x + group.x);
  // @unroll
  for (var q = 0; q < 4; q++) {
    let group_counts = workgroup_count(lane, vec4u(sums[4 * q], sums[4 * q + 1], sums[4 * q + 2], sums[4 * q + 3]));
    if (lane < 4u) {
      store_counts(slot + 4u * u32(q) + lane, group_counts[lane]);
    }
  }
}
