// Least and greatest value, first level: the texels of each part are shared out to 64 workgroups of 64 lanes.

struct Params {
  // Pixels of a row: the lanes of the last texel beyond it are undefined.
  width: i32,
  // Layers of a part.
  layers: i32,
}

const lowest = vec4f(-3.4028234e38);

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_input();
  var low = -lowest;
  var high = lowest;
  let texels = loop_count(size.x * size.y * params.layers, lane);
  for (var i = i32(group.x * 64u + lane); i < texels; i += 4096) {
    let row = i / size.x;
    let x = i - row * size.x;
    let z = row / size.y;
    let pixels = load_input(x, row - z * size.y, z + i32(group.y) * params.layers);
    let inside = vec4i(4 * x) + vec4i(0, 1, 2, 3) < vec4i(params.width);
    low = min(low, select(-lowest, pixels, inside));
    high = max(high, select(lowest, pixels, inside));
  }
  let least = -min(min(low.x, low.y), min(low.z, low.w));
  let greatest = max(max(high.x, high.y), max(high.z, high.w));
  let found = workgroup_max(lane, vec4f(least, greatest, 0.0, 0.0));
  if (lane < 4u) {
    store_extents(4u * (64u * group.y + group.x) + lane, found[lane]);
  }
}
