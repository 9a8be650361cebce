// Weighted sums along y, or along z: out(p) = sum over taps of weight(tap) * image(p + first + tap).
// For kernels of many taps. An invocation makes TILE texels of a line. Sums are added up by chunks and blocks, which keeps rounding small.

// Taps per chunk, a multiple of 4.
const TAPS = 32; // @tune
const TILE = 8; // @tune
const SPAN = TAPS + TILE - 1;
const WEIGHTS = TAPS / 4;

// Whether windows leave the image.
override EDGE: bool = false;
struct Params {
  border: vec4i,
  // Tiles along the line: count, first, gap.
  lines: vec3i,
  // Pixels of a line.
  count: i32,
  // Pixels from an output to its first tap.
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
  let place = tile_place(group, lane, params.shift);
  let line = line_tile(place, i32(group.z), size_result(), params.lines, TILE);
  if (!line.there) {
    return;
  }

  let blocks = loop_count(params.blocks, lane);
  let block_chunks = loop_count(params.chunks, lane);
  var total: array<vec4f, TILE>;
  for (var block = 0; block < blocks; block++) {
    // Written out, as naga clears a variable once per function and not once per iteration.
    var sum = array<vec4f, TILE>();
    for (var chunk = 0; chunk < block_chunks; chunk++) {
      let step = block * params.chunks + chunk;
      let first = line.begin + params.first + step * TAPS;
      var texels: array<vec4f, SPAN>;
      if (EDGE) {
        // @unroll
        for (var i = 0; i < SPAN; i++) {
          texels[i] = bordered(line.origin, first + i);
        }
      } else {
        // @unroll
        for (var i = 0; i < SPAN; i++) {
          let at = along(line.origin, first + i);
          texels[i] = load_image(at.x, at.y, at.z);
        }
      }
      let weights = taps_from(step * WEIGHTS, 0, 0);
      // @unroll
      for (var o = 0; o < TILE; o++) {
        var part = vec4f();
        // @unroll
        for (var tap = 0; tap < TAPS; tap++) {
          part += weights[tap] * texels[o + tap];
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
    if ((line.begin + o >= line.first_written) & (line.begin + o < line.end)) {
      let at = along(line.origin, line.begin + o);
      store_result(at.x, at.y, at.z, total[o]);
    }
  }
}
