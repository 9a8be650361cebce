// Weighted mean and variance of the pixels along x around each pixel. Sums are of the differences to the pixel itself, which
// lies among those that are weighted: no more digits cancel than their number has, whatever the image's offset. An invocation
// makes TEXELS texels of a row.

// Taps per chunk, a multiple of 4.
const TAPS = 8; // @tune
const TEXELS = 4; // @tune
const WEIGHTS = TAPS / 4;
const SPAN = TEXELS + WEIGHTS;

// Whether windows leave the image: pixels are then read one by one.
override EDGE: bool = false;
// Whether one chunk is all: a loop that is left at once costs nothing.
override ONE_CHUNK: bool = false;

struct Params {
  border_x: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // Texels from an output to its first tap.
  first: i32,
  chunks: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_mean();
  let tile = row_tile(group, lane, size.y);
  if (!tile.there) {
    return;
  }
  let x = tile.x * TEXELS;
  let y = tile.y;
  let layer = tile.layer;

  var centers: array<vec4f, TEXELS>;
  // @unroll
  for (var o = 0; o < TEXELS; o++) {
    centers[o] = load_image(min(x + o, size.x - 1), y, layer);
  }
  let bound = loop_count(params.chunks, lane);
  var sums: array<vec4f, TEXELS>;
  var squares: array<vec4f, TEXELS>;
  var chunk = 0;
  loop {
    let begin = x + params.first + chunk * WEIGHTS;
    var pixels: array<f32, 4 * SPAN>;
    if (EDGE) {
      pixels = bordered_span(begin, y, layer);
    } else {
      pixels = inside_span(begin, y, layer);
    }
    let weights = taps_from(chunk * WEIGHTS, 0, 0);
    // @unroll
    for (var o = 0; o < TEXELS; o++) {
      var sum = vec4f();
      var square = vec4f();
      // @unroll
      for (var t = 0; t < TAPS; t++) {
        let away = vec4f(pixels[4 * o + t], pixels[4 * o + t + 1], pixels[4 * o + t + 2], pixels[4 * o + t + 3]) - centers[o];
        let weighted = weights[t] * away;
        sum += weighted;
        square += weighted * away;
      }
      sums[o] += sum;
      squares[o] += square;
    }
    chunk++;
    if (ONE_CHUNK | (chunk >= bound)) {
      break;
    }
  }
  // @unroll
  for (var o = 0; o < TEXELS; o++) {
    if (x + o < size.x) {
      store_mean(x + o, y, layer, centers[o] + sums[o]);
      store_variance(x + o, y, layer, max(squares[o] - sums[o] * sums[o], vec4f()));
    }
  }
}
