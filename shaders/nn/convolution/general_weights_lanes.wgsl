// The same weights in the order of `pack_weights.wgsl`, each of eight lanes loading every eighth and handing it round.

fn weights_at(tap: i32, c: i32, first_block: i32, lane: u32) -> array<vec4f, 8 * TEXELS> {
  var held: array<vec4f, TEXELS>;
  // @unroll
  for (var i = 0; i < TEXELS; i++) {
    held[i] = load_weight((c / 2 * TEXELS + i) * 8 + i32(lane), tap, first_block / TEXELS);
  }
  var weights: array<vec4f, 8 * TEXELS>;
  // @unroll
  for (var i = 0; i < 8 * TEXELS; i++) {
    weights[i] = subgroupShuffle(held[i / 8], u32(i % 8));
  }
  return weights;
}
