// Sums of the pixels of each layer, first level: 64 workgroups of 64 lanes per layer, a row at a time.

struct Params {
  // Pixels of a row: the lanes of the last texel beyond it are undefined.
  width: i32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_image();
  let layer = slab_begin() + i32(group.z);
  let rows = loop_count(size.y, lane);
  let texels = loop_count(size.x, lane);
  var total = vec4f();
  for (var y = i32(group.x); y < rows; y += 64) {
    var sum = vec4f(0.0);
    for (var x = i32(lane); x < texels; x += 64) {
      let inside = vec4i(4 * x) + vec4i(0, 1, 2, 3) < vec4i(params.width);
      sum += select(vec4f(), load_image(x, y, layer), inside);
    }
    total += sum;
  }
  let group_sum = workgroup_sum(lane, vec4f(dot(total, vec4f(1.0)))).x;
  if (lane == 0u) {
    store_partial(u32(64 * layer) + group.x, group_sum);
  }
}
