// Weights of patches from their distances, and what comes of the weighted sums.

// How distances become weights. All weights have a common factor, which falls out of the mean.
struct Weighing {
  // log2(e) / h^2 / (sum of the patch weights): distances times this are exponents of 2.
  sharpness: f32,
  // Bits of the exponents at which a patch counts fully and, as 2^-100 of that, not at all. Positive floats lie in the
  // order of their bits, and integers need no care for NaN.
  full: i32,
  none: i32,
  // Added to a whole exponent, it leaves that, less `full`, in the lowest bits.
  placer: f32,
}

// An h of 0 is taken as one so small that only patches within the noise count; without noise, only equal ones.
fn weighing_of(h: f32, sigma: f32, sum: f32) -> Weighing {
  let held = max(h, max(0.002 * sigma, 1e-18));
  let ratio = sigma / held;
  // 2 sigma^2 log2(e) / h^2: what noise adds to the exponents of equal patches.
  let noise = 2.88539008 * ratio * ratio;
  return Weighing(
    1.44269504 / (held * held) / sum,
    bitcast<i32>(noise),
    bitcast<i32>(noise + 100.0),
    12582912.0 - round(noise),
  );
}

// 2^-exponent, for exponents from `least` on, to about three units in the last place.
fn weight_of(exponent: vec4f, least: vec4i, weighing: Weighing) -> vec4f {
  let held = bitcast<vec4f>(min(max(bitcast<vec4i>(exponent), least), vec4i(weighing.none)));
  let nearest = round(held);
  let f = held - nearest;
  let p = 1.0 + f * (-0.693147 + f * (0.24022242 + f * (-0.055507336 + f * (0.009671513 - f * 0.0013264727))));
  return bitcast<vec4f>(bitcast<vec4i>(p) - (bitcast<vec4i>(nearest + weighing.placer) << vec4u(23u)));
}

// The weighted mean, or from the mean of squares the magnitude without the bias of Rician noise.
fn estimate_of(sum: vec4f, total: vec4f, sigma: f32, rician: bool) -> vec4f {
  let mean = sum / total;
  return select(mean, sqrt(max(vec4f(), mean - 2.0 * sigma * sigma)), rician);
}
