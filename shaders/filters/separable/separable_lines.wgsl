// Weighted sums along y, or along z: out(p) = sum over taps of weight(tap) * image(p + first + tap).
// An invocation makes TILE texels of a line.

// All taps: without a loop over turns of them a pass takes half the time on llvmpipe.
const TAPS = 17; // @tune
const TILE = 8; // @tune
const SPAN = TAPS + TILE - 1;

// Whether windows leave the image.
override EDGE: bool = false;
// Lines go along z, the layers of a channel, else along y.
override ALONG_Z: bool = false;

struct Params {
  // One a tap; those after them are not read.
  weights: array<vec4f, 9>,
  border: vec4i,
  // Tiles along the line: count, first, gap.
  lines: vec3i,
  // Pixels of a line.
  count: i32,
  // Pixels from an output to its first tap.
  first: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}

// Column, row and layer of a place on the line that starts at an origin.
fn along(origin: vec3i, place: i32) -> vec3i {
  return origin + select(vec3i(0, place, 0), vec3i(0, 0, place), ALONG_Z);
}

fn bordered(origin: vec3i, place: i32) -> vec4f {
  let at = along(origin, border_source(place, params.border));
  let texel = load_image(at.x, at.y, at.z);
  return select(texel, vec4f(params.cval), border_fills(place, params.count, params.fill));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_result();
  // Along y the group's z is the layer; along z it counts the tiles of all channels, from the slab's first one on.
  var tile = place.y;
  var origin = vec3i(place.x, 0, slab_begin() + i32(group.z));
  // What this dispatch writes of the line.
  var first_written = 0;
  var end = params.count;
  if (ALONG_Z) {
    let channel = slab_begin() / params.count;
    let first_tile = (slab_begin() - channel * params.count) / TILE;
    let index = channel * params.lines.x + tile_index(first_tile, params.lines) + i32(group.z);
    tile = index % params.lines.x;
    origin = vec3i(place.x, place.y, index / params.lines.x * params.count);
    first_written = slab_begin() - origin.z;
    end = min(end, slab_end() - origin.z);
  }
  let begin = tile_number(tile, params.lines) * TILE;
  if ((place.x >= size.x) | (place.y >= select(params.lines.x, size.y, ALONG_Z)) | (begin >= end)) {
    return;
  }

  let first = begin + params.first;
  var total: array<vec4f, TILE>;
  var texels: array<vec4f, SPAN>;
  if (EDGE) {
    // @unroll
    for (var i = 0; i < SPAN; i++) {
      texels[i] = bordered(origin, first + i);
    }
  } else {
    // @unroll
    for (var i = 0; i < SPAN; i++) {
      let at = along(origin, first + i);
      texels[i] = load_image(at.x, at.y, at.z);
    }
  }
  var weights: array<f32, 36>;
  // @unroll
  for (var i = 0; i < (TAPS + 3) / 4; i++) {
    let four = params.weights[i];
    weights[4 * i] = four.x;
    weights[4 * i + 1] = four.y;
    weights[4 * i + 2] = four.z;
    weights[4 * i + 3] = four.w;
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    var part = vec4f();
    // @unroll
    for (var tap = 0; tap < TAPS; tap++) {
      part += weights[tap] * texels[o + tap];
    }
    total[o] = part;
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    if ((begin + o >= first_written) & (begin + o < end)) {
      let at = along(origin, begin + o);
      store_result(at.x, at.y, at.z, total[o]);
    }
  }
}
