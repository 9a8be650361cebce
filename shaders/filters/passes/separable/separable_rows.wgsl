// Weighted sums along x: out(x) = sum over taps of weight(tap) * image(x + first + tap), `first` texels of 4 pixels.
// An invocation makes TILE texels of a row.

// All taps: without a loop over chunks of them a pass takes half the time on llvmpipe.
const TAPS = 17; // @tune
// Pixels of the first texel that come before the first tap: 0 to 3.
const LEAD = 0; // @tune
const TILE = 4; // @tune
const SPAN = (LEAD + TAPS + 4 * TILE + 2) / 4;

// Whether windows leave the image: a chunk then reads pixel by pixel.
override EDGE: bool = false;

struct Params {
  // One per tap; those after them are not read.
  weights: array<vec4f, 9>,
  border_x: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // Texels from an output to its first tap.
  first: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Loaded once: loads from params within the sums take a quarter of their time on llvmpipe.
  let weights = params.weights;
  let size = size_result();
  let tile = row_tile(group, lane, size.y);
  if (!tile.there) {
    return;
  }
  let x = tile.x * TILE;
  let y = tile.y;
  let layer = tile.layer;

  let begin = x + params.first;
  var pixels: array<f32, 4 * SPAN>;
  if (EDGE) {
    pixels = bordered_span(begin, y, layer);
  } else {
    pixels = inside_span(begin, y, layer);
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    var part = vec4f();
    // @unroll
    for (var tap = 0; tap < TAPS; tap++) {
      part += weights[tap / 4][tap % 4] * vec4f(
        pixels[LEAD + tap + 4 * o],
        pixels[LEAD + tap + 4 * o + 1],
        pixels[LEAD + tap + 4 * o + 2],
        pixels[LEAD + tap + 4 * o + 3],
      );
    }
    if (x + o < size.x) {
      store_result(x + o, y, layer, part);
    }
  }
}
