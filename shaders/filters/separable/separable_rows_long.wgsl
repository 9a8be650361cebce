// Weighted sums along x: out(x) = sum over taps of weight(tap) * image(x + first + tap), `first` texels of 4 pixels.
// For kernels of many taps. An invocation makes TILE texels of a row. Sums are added up by turns and blocks, which keeps rounding small.

// Taps a turn, a multiple of 4.
const TAPS = 32; // @tune
// Pixels of the first texel that come before the first tap: 0 to 3.
const LEAD = 0; // @tune
const TILE = 4; // @tune
const SPAN = (LEAD + TAPS + 4 * TILE + 2) / 4;
const WEIGHTS = (TAPS + 3) / 4;

// Whether windows leave the image: a turn then reads pixel by pixel.
override EDGE: bool = false;

struct Params {
  border: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // Texels from an output to its first tap.
  first: i32,
  blocks: i32,
  // Turns a block.
  turns: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}

fn pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = border_source(x, params.border);
  let texel = load_image(source / 4, y, layer);
  return select(texel[source % 4], params.cval, border_fills(x, params.width, params.fill));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_result();
  if ((place.x >= params.columns.x) | (place.y >= size.y)) {
    return;
  }
  let x = tile_number(place.x, params.columns) * TILE;
  let y = place.y;
  let layer = slab_begin() + i32(group.z);

  let blocks = turns(params.blocks, lane);
  let block_turns = turns(params.turns, lane);
  var total: array<vec4f, TILE>;
  for (var block = 0; block < blocks; block++) {
    // Written out, as naga clears a variable once a function and not once a turn.
    var sum = array<vec4f, TILE>();
    for (var turn = 0; turn < block_turns; turn++) {
      let step = block * params.turns + turn;
      let begin = x + params.first + step * (TAPS / 4);
      var pixels: array<f32, 4 * SPAN>;
      if (EDGE) {
        // @unroll
        for (var i = 0; i < 4 * SPAN; i++) {
          pixels[i] = pixel(4 * begin + i, y, layer);
        }
      } else {
        // @unroll
        for (var i = 0; i < SPAN; i++) {
          let texel = load_image(begin + i, y, layer);
          pixels[4 * i] = texel.x;
          pixels[4 * i + 1] = texel.y;
          pixels[4 * i + 2] = texel.z;
          pixels[4 * i + 3] = texel.w;
        }
      }
      var weights: array<f32, 4 * WEIGHTS>;
      // @unroll
      for (var i = 0; i < WEIGHTS; i++) {
        let texel = load_weights(step * WEIGHTS + i, 0, 0);
        weights[4 * i] = texel.x;
        weights[4 * i + 1] = texel.y;
        weights[4 * i + 2] = texel.z;
        weights[4 * i + 3] = texel.w;
      }
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
