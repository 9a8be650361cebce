// Weights of 3x3 taps as products want them: G g G' of each slice of taps, for 36 points of a tile. A texel holds four
// output channels of one input channel, at (chunk * 32 + output block % 4 * 8 + input channel % 8, output block / 4, point),
// where a chunk is 8 input channels of one slice, slices of the same channels side by side; zero beyond either count.

// Output channels of a lane where lanes are blocks of them: 4 FEW, at (input channel % 8 * 8 FEW + output block % (8 FEW), chunk, with
// the chunks of the next 32 FEW output channels behind them, point); else 0.
const FEW = 0; // @tune

struct Params {
  out_channels: u32,
  in_channels: u32,
  // Distance between neighboring channels in the weights; taps are neighbors.
  out_stride: u32,
  in_stride: u32,
  // Slices of taps.
  taps: u32,
  // Input channels of maps that have 16 points (see `winograd_input_doubled.wgsl`).
  doubled: vec2u,
}

// The rows of G.
fn row(point: u32) -> vec3f {
  var rows = array<vec3f, 6>(
    vec3f(0.25, 0.0, 0.0),
    vec3f(-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0),
    vec3f(-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0),
    vec3f(1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0),
    vec3f(1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0),
    vec3f(0.0, 0.0, 1.0),
  );
  return rows[point];
}

// What a point of a doubled map is to the one that is stored for it.
fn factor(point: u32, is_doubled: bool) -> f32 {
  return select(1.0, select(select(1.0, 3.0, point == 3u), -1.0, point == 4u), is_doubled);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at.xy >= size_packed().xy)) { return; }
  var chunk = id.x / 32u;
  var block = id.y * 4u + id.x / 8u % 4u;
  var place = id.x % 8u;
  if (FEW > 0) {
    let chunks = (params.in_channels + 7u) / 8u;
    chunk = id.y % chunks;
    block = id.y / chunks * (8u * FEW) + id.x % (8u * FEW);
    place = id.x / (8u * FEW);
  }
  let in_channel = chunk / params.taps * 8u + place;
  let from_in = min(in_channel, params.in_channels - 1u) * params.in_stride + chunk % params.taps * 9u;
  let is_doubled = (in_channel >= params.doubled.x) & (in_channel < params.doubled.y);
  let down = row(id.z / 6u) * factor(id.z / 6u, is_doubled);
  let across = row(id.z % 6u) * factor(id.z % 6u, is_doubled);
  var value = vec4f();
  // @unroll
  for (var lane = 0u; lane < 4u; lane++) {
    let out_channel = block * 4u + lane;
    let start = min(out_channel, params.out_channels - 1u) * params.out_stride + from_in;
    var sum = 0.0;
    // @unroll
    for (var y = 0u; y < 3u; y++) {
      let taps = vec3f(load_weight(start + y * 3u), load_weight(start + y * 3u + 1u), load_weight(start + y * 3u + 2u));
      sum += down[y] * dot(across, taps);
    }
    value[lane] = select(0.0, sum, (out_channel < params.out_channels) & (in_channel < params.in_channels));
  }
  store_packed(at.x, at.y, at.z, value);
}
