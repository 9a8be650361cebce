// The factor that makes differences of colors the roots of binary exponents: 2^-(factor d)^2 = e^-(d^2 / (2 sigma^2)).
// A sigma of 0 leaves only pixels of the same color.
fn color_scale(sigma: f32) -> f32 {
  return 0.849321800 / max(sigma, 1e-30);
}
