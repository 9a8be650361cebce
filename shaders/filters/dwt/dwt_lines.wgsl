// One level of a wavelet transform along y, or along z: low(k) and high(k) = sums over taps of
// weight(tap) * image(2 k + first + tap). An invocation makes TILE texels of both.

const TAPS = 4; // @tune
const TILE = 4;
const SPAN = TAPS + 2 * TILE - 2;
const WEIGHTS = (TAPS + 3) / 4;

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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let line = resized_line(place, i32(group.z), size_low());
  if (!line.there) {
    return;
  }
  let begin = line.tile * TILE;
  var texels: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    let source = min(border_source(2 * begin + params.first + i, params.border), params.last);
    let at = along(line.source, source);
    texels[i] = load_image(at.x, at.y, at.z);
  }
  let low_weights = taps_from(0, 0, 0);
  let high_weights = taps_from(0, 1, 0);
  // @unroll
  for (var o = 0; o < TILE; o++) {
    var low = vec4f();
    var high = vec4f();
    // The high pass takes differences, as its weights sum to 0: what is constant gives exactly 0.
    let middle = texels[2 * o + TAPS / 2];
    // @unroll
    for (var tap = 0; tap < TAPS; tap++) {
      low += low_weights[tap] * texels[2 * o + tap];
      high += high_weights[tap] * (texels[2 * o + tap] - middle);
    }
    if (begin + o < params.counts.y) {
      let at = along(line.result, begin + o);
      store_low(at.x, at.y, at.z, low);
      store_high(at.x, at.y, at.z, high);
    }
  }
}
