// Stein's unbiased estimate of the risk at each magnitude of a block, times the variance of the noise:
// (n - 2 k) variance + sum of squares up to the magnitude + (n - k) magnitude^2, where k magnitudes are not greater.
// The least one of the block is kept.

struct Params {
  strength: f32,
  // Channels of the image, and how many of these share a noise level.
  channels: u32,
  sharing: u32,
}

var<workgroup> risks: array<vec2f, 64>;
var<workgroup> magnitudes: array<u32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_group(group, groups);
  if (2u * block >= length_blocks()) {
    return;
  }
  let run = run_of(block, lane);
  let channel = load_blocks(2u * block) % params.channels;
  let first_block = load_segments(run.segment + 5u);
  let sigma = params.strength * load_sigma(channel / params.sharing);
  let variance = double_product(sigma, sigma);
  var sum = vec2f();
  // The blocks before this one.
  for (var i = first_block; i < block; i++) {
    let slot = 2u * (65u * i + 64u);
    sum = double_add(sum, vec2f(load_sums(slot), load_sums(slot + 1u)));
  }
  let own = 2u * (65u * block + lane);
  sum = double_add(sum, vec2f(load_sums(own), load_sums(own + 1u)));
  var risk = vec2f(3.4028234e38, 0.0);
  var magnitude = 0u;
  for (var i = run.begin; i < run.end; i++) {
    let key = load_sorted(run.start + i);
    let square = double_product(bitcast<f32>(key), bitcast<f32>(key));
    sum = double_add(sum, square);
    let below = i + 1u;
    let found = double_add(
      double_add(double_scale(variance, f32(i32(run.count) - 2 * i32(below))), sum),
      double_scale(square, f32(run.count - below)),
    );
    // Of equal magnitudes the last one: it counts them all.
    let last = load_sorted(run.start + min(below, run.count - 1u)) != key;
    let better = double_less(found, risk) & (last | (below == run.count));
    risk = select(risk, found, better);
    magnitude = select(magnitude, key, better);
  }
  risks[lane] = risk;
  magnitudes[lane] = magnitude;
  workgroupBarrier();
  if (lane == 0u) {
    for (var i = 1u; i < 64u; i++) {
      let better = double_less(risks[i], risk);
      risk = select(risk, risks[i], better);
      magnitude = select(magnitude, magnitudes[i], better);
    }
    store_least(3u * block, bitcast<u32>(risk.x));
    store_least(3u * block + 1u, bitcast<u32>(risk.y));
    store_least(3u * block + 2u, magnitude);
  }
}
