// Of the magnitudes above the lower median the least one, and how many lie at or below it: for means of the two middle
// ones. Rows are shared out as in magnitude_count.

struct Params {
  width: i32,
  depth: i32,
  columns: u32,
}

const greatest = 3.4028234e38;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let size = size_band();
  let channel = i32(group.z);
  let found = load_state(2u * group.z);
  let share = lane_share(group.x, groups.x, lane, params.columns);
  var below = vec4u();
  var least = vec4f(greatest);
  let rows = loop_count(params.depth * size.y, lane);
  let across = loop_count(size.x, lane);
  for (var line = share.row; line < rows; line += share.row_step) {
    let z = line / size.y;
    let y = line - z * size.y;
    let layer = channel * params.depth + z;
    for (var x = share.column; x < across; x += share.column_step) {
      let keys = keys_at(x, y, layer);
      let above = (keys > vec4u(found)) & (keys != vec4u(NOTHING));
      below += select(vec4u(0u), vec4u(1u), keys <= vec4u(found));
      least = min(least, select(vec4f(greatest), bitcast<vec4f>(keys), above));
    }
  }
  let count = workgroup_count(lane, vec4u(below.x + below.y + below.z + below.w)).x;
  let nearest = -workgroup_max(lane, -least);
  let next = min(min(nearest.x, nearest.y), min(nearest.z, nearest.w));
  if (lane < 2u) {
    store_parts(2u * (group.z * groups.x + group.x) + lane, select(bitcast<u32>(next), count, lane == 0u));
  }
}
