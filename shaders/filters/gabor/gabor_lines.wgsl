// Sums with complex weights along y, or along z: (A, B)(p) = sum over taps of (c, s)(tap) * (R, I)(p + first + tap), where
// the product is complex. Layer 2 l of the image is R and layer 2 l + 1 is I. An invocation makes TILE texels of a line. Sums
// are added up by turns of TAPS taps, which keeps rounding small.

// Taps a turn, an even number.
const TAPS = 24; // @tune
const TILE = 8; // @tune
const SPAN = TAPS + TILE - 1;

// Whether windows leave the image.
override EDGE: bool = false;
// Lines go along z, the layers of a channel, else along y.
override ALONG_Z: bool = false;
// Whether one turn is all: a loop that is left at once costs nothing.
override ONE_TURN: bool = false;
// What is stored. 0: A. 1: the length of (A, B). 2: A and, a layer further on, B.
override RESULT: i32 = 0;

struct Params {
  border: vec4i,
  // Tiles along the line: count, first, gap.
  lines: vec3i,
  // Pixels of a line.
  count: i32,
  // Layer of the first result, and how much further on that of the next channel and slice is.
  layers: vec3i,
  depth: i32,
  // The value of (R, I) beyond the border "constant".
  cval: vec2f,
  // Pixels from an output to its first tap.
  first: i32,
  turns: i32,
  fill: i32,
  shift: u32,
}

// Column, row and layer of a place on the line that starts at an origin; layers are counted in pairs.
fn along(origin: vec3i, place: i32) -> vec3i {
  return origin + select(vec3i(0, place, 0), vec3i(0, 0, place), ALONG_Z);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_result();
  let outer = slab_begin() + i32(group.z);
  // Along y the group's z is the layer; along z it is the row, and the lines of all channels lie side by side.
  var tile = place.y;
  var tiles = params.lines.x;
  var origin = vec3i(place.x, 0, outer);
  if (ALONG_Z) {
    let channel = place.y / params.lines.x;
    tile = place.y - channel * params.lines.x;
    tiles *= size_image().z / 2 / params.count;
    origin = vec3i(place.x, outer, channel * params.count);
  }
  if ((place.x >= size.x) | (place.y >= tiles)) {
    return;
  }
  let begin = tile_number(tile, params.lines) * TILE;

  let bound = turns(params.turns, lane);
  var a: array<vec4f, TILE>;
  var b: array<vec4f, TILE>;
  var turn = 0;
  loop {
    let first = begin + params.first + turn * TAPS;
    var real: array<vec4f, SPAN>;
    var imaginary: array<vec4f, SPAN>;
    // @unroll
    for (var i = 0; i < SPAN; i++) {
      if (EDGE) {
        let at = along(origin, border_source(first + i, params.border));
        let fills = border_fills(first + i, params.count, params.fill);
        real[i] = select(load_image(at.x, at.y, 2 * at.z), vec4f(params.cval.x), fills);
        imaginary[i] = select(load_image(at.x, at.y, 2 * at.z + 1), vec4f(params.cval.y), fills);
      } else {
        let at = along(origin, first + i);
        real[i] = load_image(at.x, at.y, 2 * at.z);
        imaginary[i] = load_image(at.x, at.y, 2 * at.z + 1);
      }
    }
    // Two taps a texel: c, s, c, s.
    var weights: array<vec4f, TAPS / 2>;
    // @unroll
    for (var i = 0; i < TAPS / 2; i++) {
      weights[i] = load_weights(turn * (TAPS / 2) + i, 0, 0);
    }
    // @unroll
    for (var o = 0; o < TILE; o++) {
      var part = vec4f();
      // @unroll
      for (var t = 0; t < TAPS / 2; t++) {
        part += weights[t].x * real[o + 2 * t] - weights[t].y * imaginary[o + 2 * t];
        part += weights[t].z * real[o + 2 * t + 1] - weights[t].w * imaginary[o + 2 * t + 1];
      }
      a[o] += part;
    }
    if (RESULT != 0) {
      // @unroll
      for (var o = 0; o < TILE; o++) {
        var part = vec4f();
        // @unroll
        for (var t = 0; t < TAPS / 2; t++) {
          part += weights[t].y * real[o + 2 * t] + weights[t].x * imaginary[o + 2 * t];
          part += weights[t].w * real[o + 2 * t + 1] + weights[t].z * imaginary[o + 2 * t + 1];
        }
        b[o] += part;
      }
    }
    turn++;
    if (ONE_TURN | (turn >= bound)) {
      break;
    }
  }

  // @unroll
  for (var o = 0; o < TILE; o++) {
    if (begin + o < params.count) {
      let at = along(origin, begin + o);
      let channel = at.z / params.depth;
      let layer = params.layers.x + channel * params.layers.y + (at.z - channel * params.depth) * params.layers.z;
      if (RESULT == 1) {
        store_result(at.x, at.y, layer, sqrt(a[o] * a[o] + b[o] * b[o]));
      } else {
        store_result(at.x, at.y, layer, a[o]);
      }
      if (RESULT == 2) {
        store_result(at.x, at.y, layer + 1, b[o]);
      }
    }
  }
}
