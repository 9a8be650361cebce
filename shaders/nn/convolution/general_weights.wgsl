// Weights of a tap and eight input channels for TEXELS texels of output channels, each lane loading all of them: weight of
// input channel j of texel t at t * 8 + j.

fn weights_at(tap: i32, c: i32, first_block: i32, lane: u32) -> array<vec4f, 8 * TEXELS> {
  var weights: array<vec4f, 8 * TEXELS>;
  // @unroll
  for (var t = 0; t < TEXELS; t++) {
    let block = min(first_block + t, params.output.w - 1);
    // @unroll
    for (var j = 0; j < 8; j++) {
      weights[t * 8 + j] = load_weight(tap * 4 + j % 4, c + j / 4, block);
    }
  }
  return weights;
}
