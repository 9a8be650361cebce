// Weighted sums along x: out(x) = sum over taps of weight(tap) * image(x + first + tap), `first` texels of 4 pixels.
// For kernels of many taps. An invocation makes TILE texels of a row. Sums are added up by chunks and blocks, which keeps rounding small.

// Taps per chunk, a multiple of 4.
const TAPS = 32; // @tune
// Pixels of the first texel that come before the first tap: 0 to 3.
const LEAD = 0; // @tune
const TILE = 4; // @tune
const SPAN = (LEAD + TAPS + 4 * TILE + 2) / 4;
const WEIGHTS = TAPS / 4;

// Whether windows leave the image: a chunk then reads pixel by pixel.
override EDGE: bool = false;

struct Params {
  border_x: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // Texels from an output to its first tap.
  first: i32,
  blocks: i32,
  // Chunks per block.
  chunks: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_result();
  let place = tile_place(group, lane, params.shift);
  if ((place.x >= params.columns.x) | (place.y >= size.y)) {
    return;
  }
  let x = tile_number(place.x, params.columns) * TILE;
  let y = place.y;
  let layer = slab_begin() + i32(group.z);

  let blocks = loop_count(params.blocks, lane);
  let block_chunks = loop_count(params.chunks, lane);
  var total: array<vec4f, TILE>;
  for (var block = 0; block < blocks; block++) {
    // Written out, as naga clears a variable once per function and not once per iteration.
    var sum = array<vec4f, TILE>();
    for (var chunk = 0; chunk < block_chunks; chunk++) {
      let step = block * params.chunks + chunk;
      let begin = x + params.first + step * WEIGHTS;
      var pixels: array<f32, 4 * SPAN>;
      if (EDGE) {
        pixels = bordered_span(begin, y, layer);
      } else {
        pixels = inside_span(begin, y, layer);
      }
      let weights = taps_from(step * WEIGHTS, 0, 0);
      // @unroll
      for (var o = 0; o < TILE; o++) {
        var part = vec4f();
        // @unroll
        for (var tap = 0; tap < TAPS; tap++) {
          part += weights[tap] * vec4f(
            pixels[LEAD + tap + 4 * o],
            pixels[LEAD + tap + 4 * o + 1],
            pixels[LEAD + tap + 4 * o + 2],
            pixels[LEAD + tap + 4 * o + 3],
          );
        }
        sum[o] += part;
      }
    }
    // @unroll
    for (var o = 0; o < TILE; o++) {
      total[o] += sum[o];
    }
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    if (x + o < size.x) {
      store_result(x + o, y, layer, total[o]);
    }
  }
}
