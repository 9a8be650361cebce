// Sum of the squares of a band's coefficients, first level: rows are shared out to workgroups.

struct Params {
  // Pixels of a row, layers of a channel.
  width: i32,
  depth: i32,
  // Lanes of a group are 2^columns texels wide.
  columns: u32,
  // Where the band's sums begin.
  offset: u32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let size = size_band();
  let share = lane_share(group.x, groups.x, lane, params.columns);
  var squares = vec4f();
  let rows = loop_count(params.depth * size.y, lane);
  let across = loop_count(size.x, lane);
  for (var line = share.row; line < rows; line += share.row_step) {
    let z = line / size.y;
    let y = line - z * size.y;
    let layer = i32(group.z) * params.depth + z;
    for (var x = share.column; x < across; x += share.column_step) {
      let inside = vec4i(4 * x) + vec4i(0, 1, 2, 3) < vec4i(params.width);
      let values = select(vec4f(0.0), load_band(x, y, layer), inside);
      squares += values * values;
    }
  }
  let group_sum = workgroup_sum(lane, vec4f(dot(squares, vec4f(1.0)))).x;
  if (lane == 0u) {
    store_parts(params.offset + group.z * groups.x + group.x, group_sum);
  }
}
