// One level of an inverse wavelet transform along x. An invocation makes 2 TILE texels of TILE texels of coefficients: the
// outputs 2 i and 2 i + 1 are sums over HALF taps of each filter, which begin at the coefficient i + first, for odd
// outputs at i + first + ODD.

const HALF = 2; // @tune
const ODD = 0; // @tune
// Coefficients of the first texel that come before the first tap: 0 to 3.
const LEAD = 0; // @tune
const TILE = 2;
const SPAN = (LEAD + HALF + ODD + 4 * TILE + 2) / 4;
const WEIGHTS = (HALF + 3) / 4;

// Whether windows leave the row: it is then read coefficient by coefficient.
override EDGE: bool = false;

struct Params {
  border: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  // Texels from an output's to its first tap's.
  first: i32,
  shift: u32,
}

fn low_pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = border_source(x, params.border);
  let texel = load_low(source / 4, y, layer);
  return texel[source & 3];
}

fn high_pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = border_source(x, params.border);
  let texel = load_high(source / 4, y, layer);
  return texel[source & 3];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_result();
  let tile = row_tile(group, lane, size.y);
  if (!tile.there) {
    return;
  }
  let x = tile.x * TILE;
  let y = tile.y;
  let layer = tile.layer;

  let begin = x + params.first;
  var lows: array<f32, 4 * SPAN>;
  var highs: array<f32, 4 * SPAN>;
  if (EDGE) {
    // @unroll
    for (var i = 0; i < 4 * SPAN; i++) {
      lows[i] = low_pixel(4 * begin + i, y, layer);
      highs[i] = high_pixel(4 * begin + i, y, layer);
    }
  } else {
    // @unroll
    for (var i = 0; i < SPAN; i++) {
      let low = load_low(begin + i, y, layer);
      lows[4 * i] = low.x;
      lows[4 * i + 1] = low.y;
      lows[4 * i + 2] = low.z;
      lows[4 * i + 3] = low.w;
      let high = load_high(begin + i, y, layer);
      highs[4 * i] = high.x;
      highs[4 * i + 1] = high.y;
      highs[4 * i + 2] = high.z;
      highs[4 * i + 3] = high.w;
    }
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
  for (var o = 0; o < 2 * TILE; o++) {
    // Two even and two odd outputs: pixels 0 and 2, 1 and 3 of the texel.
    var even = vec2f();
    var odd = vec2f();
    // @unroll
    for (var tap = 0; tap < HALF; tap++) {
      even += weights[tap / 4 * 4][tap % 4] * vec2f(lows[LEAD + 2 * o + tap], lows[LEAD + 2 * o + tap + 1])
        + weights[tap / 4 * 4 + 1][tap % 4] * vec2f(highs[LEAD + 2 * o + tap], highs[LEAD + 2 * o + tap + 1]);
      odd += weights[tap / 4 * 4 + 2][tap % 4]
        * vec2f(lows[LEAD + 2 * o + tap + ODD], lows[LEAD + 2 * o + tap + ODD + 1])
        + weights[tap / 4 * 4 + 3][tap % 4]
        * vec2f(highs[LEAD + 2 * o + tap + ODD], highs[LEAD + 2 * o + tap + ODD + 1]);
    }
    if (2 * x + o < size.x) {
      store_result(2 * x + o, y, layer, vec4f(even.x, odd.x, even.y, odd.y));
    }
  }
}
