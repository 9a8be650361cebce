// Weights of patches from their distances, and what comes of the weighted sums.

// log2(e) / h^2. An h of 0 is taken as one so small that only patches within the noise count; sigma 0: equal ones only.
fn sharpness_of(h: f32, sigma: f32) -> f32 {
  let held = max(h, max(1e-6 * sigma, 1e-18));
  return 1.44269504 / (held * held);
}

// What the noise adds to the distance of equal patches, 2 sigma^2, in units of h^2 / log2(e).
fn allowance_of(h: f32, sigma: f32) -> f32 {
  let ratio = sigma / max(h, max(1e-6 * sigma, 1e-18));
  return 2.88539008 * ratio * ratio;
}

// Distances, as bits, at which a patch counts fully and, as 2^-100, not at all.
const full = 0;
const none = 0x42c80000;

// 2^-distance, to about three units in the last place; 1 for negative distances. `least` is `full`, or `none` for patches
// that must not count. Positive floats lie in the order of their bits, and integers need no care for NaN.
fn weight_of(distance: vec4f, least: vec4i) -> vec4f {
  let held = bitcast<vec4f>(min(max(bitcast<vec4i>(distance), least), vec4i(none)));
  let whole = round(held);
  let f = held - whole;
  let p = 1.0 + f * (-0.693147 + f * (0.24022242 + f * (-0.055507336 + f * (0.009671513 - f * 0.0013264727))));
  return bitcast<vec4f>(bitcast<vec4i>(p) - (vec4i(whole) << vec4u(23u)));
}

// The weighted mean, or from the mean of squares the magnitude without the bias of Rician noise.
fn estimate_of(sum: vec4f, total: vec4f, sigma: f32, rician: bool) -> vec4f {
  let mean = sum / total;
  return select(mean, sqrt(max(vec4f(), mean - 2.0 * sigma * sigma)), rician);
}
