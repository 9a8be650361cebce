// Weights in the order in which lanes load and hand them round: four output channels per texel, at
// (input channel / 8 * 8 * TEXELS + output block % TEXELS * 8 + input channel % 8, tap, output block / TEXELS). Zero beyond the
// last input channel; blocks beyond the last output channel repeat the last block.

const TEXELS = 4u; // @tune

struct Params {
  out_channels: u32,
  in_channels: u32,
  // Distance between neighboring channels in the weights; taps are neighbors.
  out_stride: u32,
  in_stride: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (at.x >= size_packed().x) { return; }
  let in_channel = id.x / (8u * TEXELS) * 8u + id.x % 8u;
  let last = (params.out_channels - 1u) / 4u;
  let block = min(id.z * TEXELS + id.x / 8u % TEXELS, last);
  let start = min(in_channel, params.in_channels - 1u) * params.in_stride + id.y;
  var value = vec4f();
  // @unroll
  for (var lane = 0u; lane < 4u; lane++) {
    let out_channel = block * 4u + lane;
    let weight = load_weight(min(out_channel, params.out_channels - 1u) * params.out_stride + start);
    value[lane] = select(0.0, weight, (out_channel < params.out_channels) & (in_channel < params.in_channels));
  }
  store_packed(at.x, at.y, at.z, value);
}
