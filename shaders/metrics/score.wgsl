// The second level of a score: one workgroup adds up the partial sums and makes one number of them.

// Partial sums that a lane adds up before it adds them to the others, which keeps rounding small.
const BLOCK = 32u;
const lowest = -3.4028234e38;

// What becomes of the means: `Score` in score.ts.
override KIND: u32 = 0u;

struct Params {
  // Number of partial sums.
  count: u32,
  // One over the number of pixels.
  scale: f32,
  // Square of the data range.
  peak: f32,
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var lane_sum = vec2f(0.0);
  var lane_greatest = vec2f(lowest);
  let count = loop_count_u(params.count, lane);
  for (var begin = lane; begin < count; begin += 64u * BLOCK) {
    var part = vec2f(0.0);
    for (var at = begin; at < min(count, begin + 64u * BLOCK); at += 64u) {
      let partial = vec4f(
        load_partials(4u * at),
        load_partials(4u * at + 1u),
        load_partials(4u * at + 2u),
        load_partials(4u * at + 3u),
      );
      part += partial.xy;
      lane_greatest = max(lane_greatest, partial.zw);
    }
    lane_sum += part;
  }
  let means = workgroup_sum(lane, vec4f(lane_sum, 0.0, 0.0)) * params.scale;
  let greatest = workgroup_max(lane, vec4f(lane_greatest, 0.0, 0.0));
  var score = means.x;
  switch (KIND) {
    case 1u: {
      score = sqrt(means.x) / sqrt(means.y);
    }
    case 2u: {
      score = sqrt(means.x) / (greatest.x + greatest.y);
    }
    case 3u: {
      score = sqrt(means.x) / means.y;
    }
    case 4u: {
      // 10 / ln 10
      score = select(4.3429448 * log_of(params.peak / means.x), pattern(means.x, 0x7f800000u), means.x == 0.0);
    }
    default: {}
  }
  if (lane == 0u) {
    store_output(0u, score);
  }
}
