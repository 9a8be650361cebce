// Decides for each channel, a workgroup each, whether diffusion goes on: once what it has removed is as large as a share
// of the noise, it stops. States: 2 goes on, 1 has stopped with the last step, 0 before it, so that both images hold the same.

// Partial sums that a lane adds up before it adds them to the others, which keeps rounding small.
const BLOCK = 32u;

struct Params {
  // Partial sums of a channel.
  count: u32,
  // One over the pixels of a channel.
  scale: f32,
  // The share of the noise's variance.
  share: f32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x;
  let count = loop_count_u(params.count, lane);
  var lane_sum = 0.0;
  for (var begin = lane; begin < count; begin += 64u * BLOCK) {
    var part = 0.0;
    for (var at = begin; at < min(count, begin + 64u * BLOCK); at += 64u) {
      part += load_partials(4u * (channel * params.count + at));
    }
    lane_sum += part;
  }
  let removed = workgroup_sum(lane, vec4f(lane_sum, 0.0, 0.0, 0.0)).x * params.scale;
  let sigma = load_sigma(channel);
  let reached = select(2u, 1u, removed >= params.share * sigma * sigma);
  if (lane == 0u) {
    store_result(channel, select(0u, reached, load_state(channel) == 2u));
  }
}
