// Weights of 3x3 taps as products want them: G g G' of each slice of taps, for 36 points of a tile. A texel holds four
// output channels of one input channel, at (chunk * 32 + output block % 4 * 8 + input channel % 8, output block / 4, point),
// where a chunk is 8 input channels of one slice, slices of the same channels side by side; zero beyond either count.

struct Params {
  out_channels: u32,
  in_channels: u32,
  // Distance between neighboring channels in the weights; taps are neighbors.
  out_stride: u32,
  in_stride: u32,
  // Slices of taps.
  taps: u32,
  // Blocks of output channels side by side where lanes are blocks of them, at (input channel % 8 * across + output block %
  // across, chunk, with the chunks of the next blocks behind them, point); else 0.
  across: u32,
  // Input channels of maps that have 16 points (see `winograd_input_doubled.wgsl`).
  doubled: vec2u,
}

// Weights of a tap for four output channels, zero where there are none.
fn taps_at(index: vec4u, tap: u32, is_there: vec4<bool>) -> vec4f {
  let taps = vec4f(load_weight(index.x + tap), load_weight(index.y + tap), load_weight(index.z + tap), load_weight(index.w + tap));
  return select(vec4f(), taps, is_there);
}

// A row of G times three taps.
fn point_of(row: vec3f, taps: array<vec4f, 3>) -> vec4f {
  return row.x * taps[0] + row.y * taps[1] + row.z * taps[2];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (at.x >= size_packed().x) { return; }
  let is_few = params.across > 0u;
  let across = max(params.across, 1u);
  let chunks = (params.in_channels + 7u) / 8u;
  let chunk = select(id.x / 32u, id.y % chunks, is_few);
  let block = select(id.y * 4u + id.x / 8u % 4u, id.y / chunks * across + id.x % across, is_few);
  let place = select(id.x % 8u, id.x / across, is_few);
  let in_channel = chunk / params.taps * 8u + place;
  let from_in = min(in_channel, params.in_channels - 1u) * params.in_stride + chunk % params.taps * 9u;
  let out_channels = vec4u(block * 4u) + vec4u(0u, 1u, 2u, 3u);
  let is_there = (out_channels < vec4u(params.out_channels)) & vec4<bool>(in_channel < params.in_channels);
  let index = min(out_channels, vec4u(params.out_channels - 1u)) * params.out_stride + from_in;
  // A point of a doubled map is to the one that is stored for it as these are.
  let is_doubled = (in_channel >= params.doubled.x) & (in_channel < params.doubled.y);
  let fourth = select(1.0, 3.0, is_doubled);
  let fifth = select(1.0, -1.0, is_doubled);
  var rows = array<vec3f, 6>(
    vec3f(0.25, 0.0, 0.0),
    vec3f(-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0),
    vec3f(-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0),
    fourth * vec3f(1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0),
    fifth * vec3f(1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0),
    vec3f(0.0, 0.0, 1.0),
  );
  // Columns of taps.
  var columns: array<array<vec4f, 3>, 3>;
  // @unroll
  for (var x = 0u; x < 3u; x++) {
    columns[x] = array<vec4f, 3>(
      taps_at(index, x, is_there),
      taps_at(index, x + 3u, is_there),
      taps_at(index, x + 6u, is_there),
    );
  }
  // Rolled, as the page takes longer to compile than to run.
  for (var y = 0; y < 6; y++) {
    let row = rows[y];
    let down = array<vec4f, 3>(point_of(row, columns[0]), point_of(row, columns[1]), point_of(row, columns[2]));
    for (var x = 0; x < 6; x++) {
      store_packed(at.x, at.y, y * 6 + x, point_of(rows[x], down));
    }
  }
}
