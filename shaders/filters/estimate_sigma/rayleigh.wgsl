// Rayleigh's distribution, that of magnitudes where there is no signal, and a kernel for densities of windows' means.

// Mean of Rayleigh's distribution for a standard deviation of 1 of the noise in each of the two channels: sqrt(pi / 2).
const rayleigh_mean = 1.25331414;

// The kernel is a quarter of its center wide, 2.3 standard deviations of means of 24 pixels, and nothing about 0.
fn kernel_scale(center: f32) -> f32 {
  return select(4.0 / center, 1e18, center == 0.0);
}

// Epanechnikov's kernel. Windows that can't be noise have a mean below 0 and don't count.
fn kernel(mean: f32, center: f32, scale: f32) -> f32 {
  let away = (mean - center) * scale;
  return select(max(0.0, 1.0 - away * away), 0.0, mean < 0.0);
}
