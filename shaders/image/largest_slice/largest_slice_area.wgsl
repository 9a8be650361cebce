// Set pixels of each slice: a workgroup a slice.

struct Params {
  // pixels of a row: the lanes of the last texel beyond it are undefined
  width: i32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_input();
  let z = i32(group.z);
  var count = vec4u(0u);
  let texels = loop_count(size.x * size.y, lane);
  for (var i = i32(lane); i < texels; i += 64) {
    let row = i / size.x;
    let x = i - row * size.x;
    let inside = vec4i(4 * x) + vec4i(0, 1, 2, 3) < vec4i(params.width);
    count += select(vec4u(0u), vec4u(1u), inside & (load_input(x, row, z) > vec4f(0.5)));
  }
  let all = workgroup_count(lane, count);
  if (lane == 0u) {
    store_areas(group.z, all.x + all.y + all.z + all.w);
  }
}
