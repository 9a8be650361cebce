// One level of a wavelet transform along y, or along z: low(k) and high(k) = sums over taps of
// weight(tap) * image(2 k + first + tap). An invocation makes TILE texels of both.

const TAPS = 4; // @tune
const TILE = 4;
const SPAN = TAPS + 2 * TILE - 2;
const WEIGHTS = (TAPS + 3) / 4;

// Lines go along z, the layers of a channel, else along y.
override ALONG_Z: bool = false;

struct Params {
  border: vec4i,
  // Places of a line: of the image and of the coefficients.
  counts: vec2i,
  // Tiles of a line.
  tiles: i32,
  // The last place, which stands for the one after it where periods are one longer than the line.
  last: i32,
  // Places from twice an output to its first tap.
  first: i32,
  shift: u32,
}

// Column, row and layer of a place on the line that starts at an origin.
fn along(origin: vec3i, place: i32) -> vec3i {
  return origin + select(vec3i(0, place, 0), vec3i(0, 0, place), ALONG_Z);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_low();
  // Along y the group's z is the layer; along z it is the row, and the lines of all channels lie side by side.
  var tile = place.y;
  var tiles = params.tiles;
  var origin = vec3i(place.x, 0, slab_begin() + i32(group.z));
  var result = origin;
  if (ALONG_Z) {
    tile = place.y % params.tiles;
    tiles *= size.z / params.counts.y;
    origin = vec3i(place.x, i32(group.z), place.y / params.tiles * params.counts.x);
    result = vec3i(place.x, i32(group.z), place.y / params.tiles * params.counts.y);
  }
  if ((place.x >= size.x) | (place.y >= tiles)) {
    return;
  }
  let begin = tile * TILE;
  var texels: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    let source = min(border_source(2 * begin + params.first + i, params.border), params.last);
    let at = along(origin, source);
    texels[i] = load_image(at.x, at.y, at.z);
  }
  var low_weights: array<f32, 4 * WEIGHTS>;
  var high_weights: array<f32, 4 * WEIGHTS>;
  // @unroll
  for (var i = 0; i < WEIGHTS; i++) {
    let low = load_weights(i, 0, 0);
    low_weights[4 * i] = low.x;
    low_weights[4 * i + 1] = low.y;
    low_weights[4 * i + 2] = low.z;
    low_weights[4 * i + 3] = low.w;
    let high = load_weights(i, 1, 0);
    high_weights[4 * i] = high.x;
    high_weights[4 * i + 1] = high.y;
    high_weights[4 * i + 2] = high.z;
    high_weights[4 * i + 3] = high.w;
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    var low = vec4f();
    var high = vec4f();
    // @unroll
    for (var tap = 0; tap < TAPS; tap++) {
      low += low_weights[tap] * texels[2 * o + tap];
      high += high_weights[tap] * texels[2 * o + tap];
    }
    if (begin + o < params.counts.y) {
      let at = along(result, begin + o);
      store_low(at.x, at.y, at.z, low);
      store_high(at.x, at.y, at.z, high);
    }
  }
}
