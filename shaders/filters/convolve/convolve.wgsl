// Weighted sums over a box of pixels: out(p) = sum over taps of weight(tap) * image(p + first + tap), for one or two kernels
// of equal size at once. An invocation makes TEXELS texels of a row. A chunk adds TAPS taps of a row, whose sum is added to that
// of the rows and this to the whole, which keeps rounding small.

// Taps of a row per chunk, a multiple of 4; rows of more taps go by blocks of them.
const TAPS = 24; // @tune
const TEXELS = 8; // @tune
const KERNELS = 1; // @tune
const WEIGHTS = TAPS / 4;
const SPAN = TEXELS + WEIGHTS;

// Whether windows leave the image along x: pixels are then read one by one.
override EDGE: bool = false;
// Whether one chunk is all: loops that are left at once cost nothing.
override ONE_CHUNK: bool = false;
// What is stored. 0: the sums. 1: the length of a pair of them. 2: `other` divided by the sum. 3: `other` times the sum.
override RESULT: i32 = 0;

struct Params {
  border_x: vec4i,
  border_y: vec4i,
  border_z: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // From an output to its first tap: texels, rows, layers.
  first: vec3i,
  // Layers of a channel.
  depth: i32,
  // Blocks along x, rows and layers of a kernel.
  count: vec3i,
  // Number of the first kernel.
  kernel: i32,
  // Layer of the first result, and how much further on that of the next channel, slice, kernel is.
  layers: vec4i,
  fill: i32,
  cval: f32,
  shift: u32,
  // Added to the sum before it divides.
  epsilon: f32,
  // What results are clipped to.
  low: f32,
  high: f32,
}

// The column that a column beyond the border stands for, -1 where it is the constant.
fn column_source(x: i32) -> i32 {
  return select(border_source(x, params.border_x), -1, border_fills(x, params.width, params.fill));
}

fn pixel(column: i32, y: i32, layer: i32) -> f32 {
  let source = max(column, 0);
  let texel = load_image(source >> 2u, y, layer);
  return select(texel[source & 3], params.cval, column < 0);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_result();
  let tile = row_tile(group, lane, size.y);
  if (!tile.there) {
    return;
  }
  let x = tile.x * TEXELS;
  let y = tile.y;
  let layer = tile.layer;
  let channel = layer / params.depth;
  let z = layer - channel * params.depth;

  let blocks = loop_count(params.count.x, lane);
  let rows = loop_count(params.count.y, lane);
  let slices = loop_count(params.count.z, lane);
  var total: array<vec4f, KERNELS * TEXELS>;
  var block = 0;
  loop {
    let begin = x + params.first.x + block * WEIGHTS;
    var columns: array<i32, 4 * SPAN>;
    if (EDGE) {
      // @unroll
      for (var i = 0; i < 4 * SPAN; i++) {
        columns[i] = column_source(4 * begin + i);
      }
    }
    var slice = 0;
    loop {
      let source_z = z + params.first.z + slice;
      let source_layer = layer - z + border_source(source_z, params.border_z);
      let fill_z = border_fills(source_z, params.depth, params.fill);
      // Written out, as naga clears a variable once per function and not once per iteration.
      var sum = array<vec4f, KERNELS * TEXELS>();
      var row = 0;
      loop {
        let source_y = border_source(y + params.first.y + row, params.border_y);
        let filled = fill_z | border_fills(y + params.first.y + row, size.y, params.fill);
        var pixels: array<f32, 4 * SPAN>;
        // @unroll
        for (var i = 0; i < SPAN; i++) {
          var texel = vec4f();
          if (EDGE) {
            texel = vec4f(
              pixel(columns[4 * i], source_y, source_layer),
              pixel(columns[4 * i + 1], source_y, source_layer),
              pixel(columns[4 * i + 2], source_y, source_layer),
              pixel(columns[4 * i + 3], source_y, source_layer),
            );
          } else {
            texel = load_image(begin + i, source_y, source_layer);
          }
          texel = select(texel, vec4f(params.cval), filled);
          pixels[4 * i] = texel.x;
          pixels[4 * i + 1] = texel.y;
          pixels[4 * i + 2] = texel.z;
          pixels[4 * i + 3] = texel.w;
        }
        // @unroll
        for (var k = 0; k < KERNELS; k++) {
          let weights = taps_from(block * WEIGHTS, slice * rows + row, params.kernel + k);
          // @unroll
          for (var o = 0; o < TEXELS; o++) {
            var part = vec4f();
            // @unroll
            for (var t = 0; t < TAPS; t++) {
              part += weights[t] * vec4f(
                pixels[4 * o + t],
                pixels[4 * o + t + 1],
                pixels[4 * o + t + 2],
                pixels[4 * o + t + 3],
              );
            }
            sum[k * TEXELS + o] += part;
          }
        }
        row++;
        if (ONE_CHUNK | (row >= rows)) {
          break;
        }
      }
      // @unroll
      for (var o = 0; o < KERNELS * TEXELS; o++) {
        total[o] += sum[o];
      }
      slice++;
      if (ONE_CHUNK | (slice >= slices)) {
        break;
      }
    }
    block++;
    if (ONE_CHUNK | (block >= blocks)) {
      break;
    }
  }

  let result_layer = params.layers.x + channel * params.layers.y + z * params.layers.z;
  let low = vec4f(params.low);
  let high = vec4f(params.high);
  // @unroll
  for (var o = 0; o < TEXELS; o++) {
    if (x + o < size.x) {
      if (RESULT == 1) {
        let other = total[(KERNELS - 1) * TEXELS + o];
        store_result(x + o, y, result_layer, sqrt(total[o] * total[o] + other * other));
      } else if (RESULT == 2) {
        let other = load_other(x + o, y, layer);
        store_result(x + o, y, result_layer, other / (total[o] + params.epsilon));
      } else if (RESULT == 3) {
        let other = load_other(x + o, y, layer);
        store_result(x + o, y, result_layer, clamp(other * total[o], low, high));
      } else {
        // @unroll
        for (var k = 0; k < KERNELS; k++) {
          store_result(x + o, y, result_layer + k * params.layers.w, total[k * TEXELS + o]);
        }
      }
    }
  }
}
