// One level of a wavelet transform along x: low(k) and high(k) = sums over taps of weight(tap) * image(2 k + first + tap).
// An invocation makes TILE texels of both.

const TAPS = 4; // @tune
// Pixels of the first texel that come before the first tap: 0 to 3.
const LEAD = 2; // @tune
const TILE = 2;
const SPAN = (LEAD + TAPS + 8 * TILE + 1) / 4;
const WEIGHTS = (TAPS + 3) / 4;

// Whether windows leave the image: it is then read pixel by pixel.
override EDGE: bool = false;

struct Params {
  border: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  // The last pixel, which stands for the one after it where periods are one longer than the row.
  last: i32,
  // Texels from twice an output to its first tap.
  first: i32,
  shift: u32,
}

fn pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = min(border_source(x, params.border), params.last);
  let texel = load_image(source / 4, y, layer);
  return texel[source & 3];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_low();
  let tile = row_tile(group, lane, size.y);
  if (!tile.there) {
    return;
  }
  let x = tile.x * TILE;
  let y = tile.y;
  let layer = tile.layer;

  let begin = 2 * x + params.first;
  var pixels: array<f32, 4 * SPAN>;
  if (EDGE) {
    pixels = bordered_span(begin, y, layer);
  } else {
    pixels = inside_span(begin, y, layer);
  }
  let low_weights = taps_from(0, 0, 0);
  let high_weights = taps_from(0, 1, 0);
  // @unroll
  for (var o = 0; o < TILE; o++) {
    var low = vec4f();
    var high = vec4f();
    // The high pass takes differences, as its weights sum to 0: what is constant gives exactly 0.
    let middle = vec4f(
      pixels[LEAD + TAPS / 2 + 8 * o],
      pixels[LEAD + TAPS / 2 + 8 * o + 2],
      pixels[LEAD + TAPS / 2 + 8 * o + 4],
      pixels[LEAD + TAPS / 2 + 8 * o + 6],
    );
    // @unroll
    for (var tap = 0; tap < TAPS; tap++) {
      let values = vec4f(
        pixels[LEAD + tap + 8 * o],
        pixels[LEAD + tap + 8 * o + 2],
        pixels[LEAD + tap + 8 * o + 4],
        pixels[LEAD + tap + 8 * o + 6],
      );
      low += low_weights[tap] * values;
      high += high_weights[tap] * (values - middle);
    }
    if (x + o < size.x) {
      store_low(x + o, y, layer, low);
      store_high(x + o, y, layer, high);
    }
  }
}
