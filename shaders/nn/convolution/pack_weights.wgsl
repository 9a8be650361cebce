// Weights in the orders in which forms of `channels4` read them: four output channels per texel. Texels that lie in a row are
// `inner` input channels for each of `middle` blocks of output channels, and then the same of the next input channels, with taps in
// the rows below (`rows_are_taps`); or else of the next tap, with the next input channels in the rows below. Zero beyond either
// count of channels, but blocks beyond the last repeat it.

struct Params {
  out_channels: u32,
  in_channels: u32,
  // Distance between neighboring channels in the weights; taps are neighbors.
  out_stride: u32,
  in_stride: u32,
  inner: u32,
  middle: u32,
  rows_are_taps: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = vec2u(size_packed().xy);
  let x = id.x % size.x;
  let y = id.x / size.x;
  if (y >= size.y) { return; }
  let outer = x / (params.inner * params.middle);
  let rows_are_taps = params.rows_are_taps > 0u;
  let tap = select(outer, y, rows_are_taps);
  let in_channel = select(y, outer, rows_are_taps) * params.inner + x % params.inner;
  let block = min(id.z * params.middle + x / params.inner % params.middle, (params.out_channels - 1u) / 4u);
  let start = min(in_channel, params.in_channels - 1u) * params.in_stride + tap;
  var value = vec4f();
  // @unroll
  for (var lane = 0u; lane < 4u; lane++) {
    let out_channel = block * 4u + lane;
    let weight = load_weight(min(out_channel, params.out_channels - 1u) * params.out_stride + start);
    value[lane] = select(0.0, weight, (out_channel < params.out_channels) & (in_channel < params.in_channels));
  }
  store_packed(i32(x), i32(y), i32(id.z), value);
}
