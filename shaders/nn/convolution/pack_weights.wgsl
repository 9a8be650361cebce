// Weights in the order in which the forms of `channels4` read them: four output channels per texel,
// at (tap * 4 + input channel % 4, input channel / 4, output channel / 4); zero beyond either count.

struct Params {
  out_channels: u32,
  in_channels: u32,
  // Distance between neighboring channels in the weights; taps are neighbors.
  out_stride: u32,
  in_stride: u32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at.xy >= size_packed().xy)) { return; }
  let tap = id.x / 4u;
  let in_channel = id.y * 4u + id.x % 4u;
  let from_in = min(in_channel, params.in_channels - 1u) * params.in_stride + tap;
  var value = vec4f();
  // @unroll
  for (var lane = 0u; lane < 4u; lane++) {
    let out_channel = id.z * 4u + lane;
    let weight = load_weight(min(out_channel, params.out_channels - 1u) * params.out_stride + from_in);
    value[lane] = select(0.0, weight, (out_channel < params.out_channels) & (in_channel < params.in_channels));
  }
  store_packed(at.x, at.y, at.z, value);
}
