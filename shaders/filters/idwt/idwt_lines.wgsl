// One level of an inverse wavelet transform along y, or along z. Coefficients may be shrunk on the way: `thresholds` has
// one for each band and channel. An invocation makes TILE pairs of texels: the outputs 2 i and 2 i + 1 are sums over
// HALF taps of each filter, which begin at the coefficient i + first, for odd outputs at i + first + ODD.

const HALF = 2; // @tune
const ODD = 0; // @tune
const TILE = 4;
const SPAN = TILE + HALF - 1 + ODD;
const WEIGHTS = (HALF + 3) / 4;

struct Params {
  border: vec4i,
  // Places of a line: of the coefficients and of the result.
  counts: vec2i,
  // Tiles of a line.
  tiles: i32,
  first: i32,
  // Layers of a channel, number of channels.
  depth: i32,
  channels: i32,
  // Numbers of the bands among the thresholds; -1: as they are.
  low_band: i32,
  high_band: i32,
  // 1: coefficients above the threshold stay as they are, else they come nearer to 0 by it.
  hard: i32,
  shift: u32,
}

fn shrunk(value: vec4f, threshold: f32) -> vec4f {
  let limit = vec4f(threshold);
  let soft = value - clamp(value, -limit, limit);
  return select(soft, select(value, vec4f(0.0), abs(value) < limit), params.hard == 1);
}

fn threshold_of(band: i32, channel: i32) -> f32 {
  return select(load_thresholds(u32(max(band, 0) * params.channels + channel)), 0.0, band < 0);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let line = resized_line(place, i32(group.z), size_result());
  if (!line.there) {
    return;
  }
  let begin = line.tile * TILE;
  let channel = line.result.z / params.depth;
  let low_threshold = threshold_of(params.low_band, channel);
  let high_threshold = threshold_of(params.high_band, channel);
  var lows: array<vec4f, SPAN>;
  var highs: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    let at = along(line.source, border_source(begin + params.first + i, params.border));
    lows[i] = shrunk(load_low(at.x, at.y, at.z), low_threshold);
    highs[i] = shrunk(load_high(at.x, at.y, at.z), high_threshold);
  }
  // Rows: low and high for even outputs, low and high for odd ones.
  var weights: array<vec4f, 4 * WEIGHTS>;
  // @unroll
  for (var i = 0; i < WEIGHTS; i++) {
    // @unroll
    for (var row = 0; row < 4; row++) {
      weights[4 * i + row] = load_weights(i, row, 0);
    }
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    var even = vec4f();
    var odd = vec4f();
    // @unroll
    for (var tap = 0; tap < HALF; tap++) {
      even += weights[tap / 4 * 4][tap % 4] * lows[o + tap] + weights[tap / 4 * 4 + 1][tap % 4] * highs[o + tap];
      odd += weights[tap / 4 * 4 + 2][tap % 4] * lows[o + tap + ODD]
        + weights[tap / 4 * 4 + 3][tap % 4] * highs[o + tap + ODD];
    }
    let y = 2 * (begin + o);
    if (y < params.counts.y) {
      let at = along(line.result, y);
      store_result(at.x, at.y, at.z, even);
    }
    if (y + 1 < params.counts.y) {
      let at = along(line.result, y + 1);
      store_result(at.x, at.y, at.z, odd);
    }
  }
}
