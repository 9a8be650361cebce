// Sums with complex weights along y, or along z: (A, B)(p) = sum over taps of (c, s)(tap) * (R, I)(p + first + tap), where
// the product is complex. Layer 2 l of the image is R and layer 2 l + 1 is I; where all of I or all s are 0, I isn't read.
// The filter with the opposite wave along x has -I for I: A of both are the sum and difference of the same two sums. An invocation makes TILE texels of a line. Sums
// are added up by chunks of TAPS taps, which keeps rounding small.

// Taps per chunk.
const TAPS = 24; // @tune
const TILE = 8; // @tune
// 2: (A, B). 1: what c and R, and what s and I add to A, apart. 0: what c and R add, where the rest is 0.
const PARTS = 2; // @tune

// Whether windows leave the image.
override EDGE: bool = false;
// Whether one chunk is all: a loop that is left at once costs nothing.
override ONE_CHUNK: bool = false;
// What is stored of two parts. 0: the length of (A, B). 1: A and, a layer further on, B.
// What is stored of one. 2: A. 3: A and, "opposite" layers further on, that of the opposite wave.
override RESULT: i32 = 0;

struct Params {
  border: vec4i,
  // Tiles along the line: count, first, gap.
  lines: vec3i,
  // Pixels of a line.
  count: i32,
  // Tiles of all lines that lie side by side: along z those of all channels.
  tiles: i32,
  // What a step along the line, a step of the group's z and a line further on are: columns, rows, layers.
  step: vec3i,
  outer: vec3i,
  inner: vec3i,
  // Layer of the first result, and how much further on that of the next channel and slice is.
  layers: vec3i,
  depth: i32,
  opposite: i32,
  // The value of (R, I) beyond the border "constant".
  cval: vec2f,
  // Pixels from an output to its first tap.
  first: i32,
  chunks: i32,
  fill: i32,
  shift: u32,
}

// Pixels of a line, of R or of I.
fn pixels(origin: vec3i, place: i32, part: i32) -> vec4f {
  let at = origin + select(place, border_source(place, params.border), EDGE) * params.step;
  let value = load_image(at.x, at.y, 2 * at.z + part);
  return select(value, vec4f(params.cval[part]), EDGE & border_fills(place, params.count, params.fill));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = stepped_tile(group, lane, size_result().x, TILE);
  if (!tile.there) {
    return;
  }
  // Layers of the image are counted in pairs.
  let origin = tile.origin;
  let begin = tile.begin;

  let bound = loop_count(params.chunks, lane);
  var a: array<vec4f, TILE>;
  var b: array<vec4f, TILE>;
  var chunk = 0;
  loop {
    let first = begin + params.first + chunk * TAPS;
    // Written out, as naga clears a variable once per function and not once per iteration.
    var part_a = array<vec4f, TILE>();
    var part_b = array<vec4f, TILE>();
    var weights: vec4f;
    // The pixels that a tap meets: those of the tap before, one further on.
    var real: array<vec4f, TILE + 1>;
    var imaginary: array<vec4f, TILE + 1>;
    if (PARTS == 2) {
      // @unroll
      for (var i = 0; i < TAPS + TILE - 1; i++) {
        real[TILE] = pixels(origin, first + i, 0);
        imaginary[TILE] = pixels(origin, first + i, 1);
        // @unroll
        for (var o = 0; o < TILE; o++) {
          real[o] = real[o + 1];
          imaginary[o] = imaginary[o + 1];
        }
        if (i >= TILE - 1) {
          // Two taps per texel.
          let tap = i - (TILE - 1);
          if ((tap & 1) == 0) {
            weights = load_weights(chunk * (TAPS / 2) + tap / 2, 0, 0);
          }
          let weight = select(weights.zw, weights.xy, (tap & 1) == 0);
          // @unroll
          for (var o = 0; o < TILE; o++) {
            part_a[o] += weight.x * real[o] - weight.y * imaginary[o];
            part_b[o] += weight.y * real[o] + weight.x * imaginary[o];
          }
        }
      }
    }
    // One after the other, which takes half of the registers.
    if (PARTS < 2) {
      // @unroll
      for (var i = 0; i < TAPS + TILE - 1; i++) {
        real[TILE] = pixels(origin, first + i, 0);
        // @unroll
        for (var o = 0; o < TILE; o++) {
          real[o] = real[o + 1];
        }
        if (i >= TILE - 1) {
          let tap = i - (TILE - 1);
          if ((tap & 1) == 0) {
            weights = load_weights(chunk * (TAPS / 2) + tap / 2, 0, 0);
          }
          let weight = select(weights.z, weights.x, (tap & 1) == 0);
          // @unroll
          for (var o = 0; o < TILE; o++) {
            part_a[o] += weight * real[o];
          }
        }
      }
    }
    if (PARTS == 1) {
      // @unroll
      for (var i = 0; i < TAPS + TILE - 1; i++) {
        imaginary[TILE] = pixels(origin, first + i, 1);
        // @unroll
        for (var o = 0; o < TILE; o++) {
          imaginary[o] = imaginary[o + 1];
        }
        if (i >= TILE - 1) {
          let tap = i - (TILE - 1);
          if ((tap & 1) == 0) {
            weights = load_weights(chunk * (TAPS / 2) + tap / 2, 0, 0);
          }
          let weight = select(weights.w, weights.y, (tap & 1) == 0);
          // @unroll
          for (var o = 0; o < TILE; o++) {
            part_b[o] += weight * imaginary[o];
          }
        }
      }
    }
    // @unroll
    for (var o = 0; o < TILE; o++) {
      a[o] += part_a[o];
      b[o] += part_b[o];
    }
    chunk++;
    if (ONE_CHUNK | (chunk >= bound)) {
      break;
    }
  }

  // @unroll
  for (var o = 0; o < TILE; o++) {
    if (begin + o < params.count) {
      let at = origin + (begin + o) * params.step;
      let channel = at.z / params.depth;
      let layer = params.layers.x + channel * params.layers.y + (at.z - channel * params.depth) * params.layers.z;
      if (RESULT == 0) {
        store_result(at.x, at.y, layer, sqrt(a[o] * a[o] + b[o] * b[o]));
      } else {
        store_result(at.x, at.y, layer, select(a[o] - b[o], a[o], RESULT == 1));
      }
      if (RESULT == 1) {
        store_result(at.x, at.y, layer + 1, b[o]);
      }
      if (RESULT == 3) {
        store_result(at.x, at.y, layer + params.opposite, a[o] + b[o]);
      }
    }
  }
}
