// Of the magnitudes above the lower median the least one, and how many lie at or below it: for means of the two middle
// ones. Rows are dealt out as in magnitude_count.

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
  let wide = 1 << params.columns;
  let high = 64 >> params.columns;
  let column = i32(lane) & (wide - 1);
  let row = i32(lane >> params.columns);
  var below = vec4u();
  var least = vec4f(greatest);
  let rows = turns(params.depth * size.y, lane);
  let across = turns(size.x, lane);
  for (var line = i32(group.x) * high + row; line < rows; line += i32(groups.x) * high) {
    let y = line % size.y;
    let layer = channel * params.depth + line / size.y;
    for (var x = column; x < across; x += wide) {
      let keys = bitcast<vec4u>(load_band(x, y, layer)) & vec4u(0x7fffffffu);
      let counts = (vec4i(4 * x) + vec4i(0, 1, 2, 3) < vec4i(params.width)) & (keys != vec4u(0u));
      below += select(vec4u(0u), vec4u(1u), counts & (keys <= vec4u(found)));
      least = min(least, select(vec4f(greatest), bitcast<vec4f>(keys), counts & (keys > vec4u(found))));
    }
  }
  let count = workgroup_count(lane, vec4u(below.x + below.y + below.z + below.w)).x;
  let nearest = -workgroup_max(lane, -least);
  let next = min(min(nearest.x, nearest.y), min(nearest.z, nearest.w));
  if (lane < 2u) {
    store_parts(2u * (group.z * groups.x + group.x) + lane, select(bitcast<u32>(next), count, lane == 0u));
  }
}
