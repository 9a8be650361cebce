// The taps of a table one by one. A page needs the binding `weights` (rows4) and the constant WEIGHTS, the texels that it
// takes at a time.

fn taps_from(first: i32, row: i32, layer: i32) -> array<f32, 4 * WEIGHTS> {
  var taps: array<f32, 4 * WEIGHTS>;
  // @unroll
  for (var i = 0; i < WEIGHTS; i++) {
    let texel = load_weights(first + i, row, layer);
    taps[4 * i] = texel.x;
    taps[4 * i + 1] = texel.y;
    taps[4 * i + 2] = texel.z;
    taps[4 * i + 3] = texel.w;
  }
  return taps;
}
