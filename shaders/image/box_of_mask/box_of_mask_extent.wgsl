// First level: how far the set pixels of each workgroup reach, as (-x0, -y0, x1, y1), so that the greatest counts.

struct Params {
  // pixels of a row: the lanes of the last texel beyond it are undefined
  width: i32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_input();
  let nothing = vec4f(-1e9, -1e9, 0.0, 0.0);
  var reach = nothing;
  let texels = loop_count(size.x * size.y * size.z, lane);
  for (var i = i32(group.x * 64u + lane); i < texels; i += 4096) {
    let row = i / size.x;
    let x = i - row * size.x;
    let z = row / size.y;
    let y = row - z * size.y;
    let columns = vec4i(4 * x) + vec4i(0, 1, 2, 3);
    let found = (load_input(x, y, z) > vec4f(0.5)) & (columns < vec4i(params.width));
    let before = select(vec4f(-1e9), -vec4f(columns), found);
    let after = select(vec4f(0.0), vec4f(columns + 1), found);
    let least = max(max(before.x, before.y), max(before.z, before.w));
    let greatest = max(max(after.x, after.y), max(after.z, after.w));
    reach = max(reach, select(nothing, vec4f(least, -f32(y), greatest, f32(y + 1)), any(found)));
  }
  let group_reach = workgroup_max(lane, reach);
  if (lane < 4u) {
    store_extents(4u * group.x + lane, group_reach[lane]);
  }
}
