// Count and sum of the foreground, first level.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = 4u * (64u * group.y + lane);
  let limit = params.fraction * workgroup_max(lane, vec4f(load_extents(at + 1u))).x;
  let size = size_input();
  var count = vec4f(0.0);
  var sum = vec4f(0.0);
  let texels = loop_count(size.x * size.y * params.layers, lane);
  for (var i = i32(group.x * 64u + lane); i < texels; i += 4096) {
    let row = i / size.x;
    let x = i - row * size.x;
    let z = row / size.y;
    let pixels = load_input(x, row - z * size.y, z + i32(group.y) * params.layers);
    let inside = vec4i(4 * x) + vec4i(0, 1, 2, 3) < vec4i(params.width);
    let counts = inside & ((pixels > vec4f(limit)) | vec4<bool>(params.everything == 1u));
    count += select(vec4f(0.0), vec4f(1.0), counts);
    sum += select(vec4f(0.0), pixels, counts);
  }
  let one = vec4f(1.0);
  let total = workgroup_sum(lane, vec4f(dot(count, one), dot(sum, one), 0.0, 0.0));
  if (lane < 4u) {
    store_sums(4u * (64u * group.y + group.x) + lane, total[lane]);
  }
}
