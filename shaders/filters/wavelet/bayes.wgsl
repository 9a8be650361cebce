// Second level: the threshold of each band and channel from its mean square and the channel's noise level.

struct Params {
  strength: f32,
  channels: u32,
  sharing: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Of a band: where its sums begin, how many there are a channel, and how many coefficients.
  let offset = load_bands(3u * group.y);
  let groups = load_bands(3u * group.y + 1u);
  let count = load_bands(3u * group.y + 2u);
  var sum = 0.0;
  let parts = loop_count_u(groups, lane);
  for (var part = lane; part < parts; part += 64u) {
    sum += load_parts(offset + group.z * groups + part);
  }
  let square = workgroup_sum(lane, vec4f(sum)).x / f32(count);
  let sigma = params.strength * load_sigma(group.z / params.sharing);
  let variance = sigma * sigma;
  // What signal is left when the noise is taken away; the least number keeps pure noise below a finite threshold.
  let signal = sqrt(max(square - variance, 2.220446049250313e-16));
  if (lane == 0u) {
    store_thresholds(group.y * params.channels + group.z, variance / signal);
  }
}
