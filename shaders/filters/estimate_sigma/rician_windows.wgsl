// Mean, and mean of squares, of windows of 4 x 6 pixels. Instead of the mean stands -1 where the variance is far from the
// 0.27 squared means of Rayleigh's distribution, so that the window can't be pure noise, and -2 where a pixel is exactly 0,
// which is padding.

struct Params {
  // Windows of a row, of a slice; rows between windows.
  across: u32,
  slice: u32,
  step: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.slice) {
    return;
  }
  let x = i32(id.x % params.across);
  let y = i32(id.x / params.across * params.step);
  let layer = slab_begin() + i32(id.z);
  var sum = vec4f();
  var squares = vec4f();
  var least = vec4f(3.4028234e38);
  // @unroll
  for (var i = 0; i < 6; i++) {
    let texel = load_image(x, y + i, layer);
    sum += texel;
    squares += texel * texel;
    least = min(least, abs(texel));
  }
  let mean = dot(sum, vec4f(1.0)) / 24.0;
  let square = dot(squares, vec4f(1.0)) / 24.0;
  let variance = square - mean * mean;
  let noise = (variance > 0.07 * mean * mean) & (variance < 0.6 * mean * mean) & (mean > 0.0);
  let at = 2u * (u32(layer) * params.slice + id.x);
  store_windows(at, select(-2.0, select(-1.0, mean, noise), all(least > vec4f(0.0))));
  store_windows(at + 1u, square);
}
