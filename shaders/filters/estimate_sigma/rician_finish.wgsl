// The mode of the windows' means, by shifting the densest candidate to the mean of the windows about it, again and again.
// If these are Rayleigh's by their mean square, and not few, they are background, and its mean gives the noise level; else
// the wavelet's estimate stands.

struct Params {
  count: u32,
  groups: u32,
}

var<workgroup> densities: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.z;
  let level = load_level(channel);
  var density = 0.0;
  let groups = loop_count_u(params.groups, lane);
  for (var i = 0u; i < groups; i++) {
    density += load_parts(64u * (channel * params.groups + i) + lane);
  }
  // Kernels grow with their centers: densities are masses by widths.
  densities[lane] = density / (0.75 + f32(lane) / 63.0);
  workgroupBarrier();
  var best = 0u;
  var greatest = densities[0];
  for (var i = 1u; i < 64u; i++) {
    let denser = densities[i] > greatest;
    greatest = select(greatest, densities[i], denser);
    best = select(best, i, denser);
  }
  var center = level * rayleigh_mean * (0.75 + f32(best) / 63.0);
  var sums = vec4f();
  let count = loop_count_u(params.count, lane);
  for (var step = 0; step < 8; step++) {
    let scale = kernel_scale(center);
    // Written out, as naga clears a variable once per function and not once per iteration.
    var own = vec4f();
    for (var i = lane; i < count; i += 64u) {
      let at = 2u * (channel * params.count + i);
      let mean = load_windows(at);
      let weight = kernel(mean, center, scale);
      own += weight * vec4f(1.0, mean, load_windows(at + 1u), 0.0);
      own.w += select(0.0, 1.0, mean > -1.5);
    }
    sums = workgroup_sum(lane, own);
    center = select(center, sums.y / sums.x, sums.x > 0.0);
  }
  // The mean square of Rayleigh's distribution is 1.27 squared means; with a signal as great as the noise it is 1.25.
  let ratio = sums.z / max(sums.x * center * center, 1e-37);
  let slack = 0.014 + inverseSqrt(24.0 * max(sums.x, 1.0));
  let background = (sums.x >= max(8.0, 0.05 * sums.w)) & (abs(ratio - 1.27) < slack);
  if (lane == 0u) {
    store_noise(channel, select(level, center / rayleigh_mean, background));
  }
}
