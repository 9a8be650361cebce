// Second level: one workgroup puts the sums of the layers of a channel together and makes their mean.

struct Params {
  // Layers of a channel.
  depth: i32,
  // Pixels of a channel.
  count: f32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let depth = loop_count(params.depth, lane);
  var total = 0.0;
  for (var z = 0; z < depth; z++) {
    total += load_partial((group.x * u32(params.depth) + u32(z)) * 64u + lane);
  }
  let group_sum = workgroup_sum(lane, vec4f(total)).x;
  if (lane == 0u) {
    store_mean(group.x, group_sum / params.count);
  }
}
