// Weighted sums along y, or along z: out(p) = sum over taps of weight(tap) * image(p + first + tap).
// An invocation makes TILE texels of a line.

// All taps: without a loop over chunks of them a pass takes half the time on llvmpipe.
const TAPS = 17; // @tune
const TILE = 8; // @tune
const SPAN = TAPS + TILE - 1;

// Whether windows leave the image.
override EDGE: bool = false;
struct Params {
  // One per tap; those after them are not read.
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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Loaded once: loads from params within the sums take a quarter of their time on llvmpipe.
  let weights = params.weights;
  let place = tile_place(group, lane, params.shift);
  let line = line_tile(place, i32(group.z), size_result(), params.lines, TILE);
  if (!line.there) {
    return;
  }

  let first = line.begin + params.first;
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
  // @unroll
  for (var o = 0; o < TILE; o++) {
    var part = vec4f();
    // @unroll
    for (var tap = 0; tap < TAPS; tap++) {
      part += weights[tap / 4][tap % 4] * texels[o + tap];
    }
    if ((line.begin + o >= line.first_written) & (line.begin + o < line.end)) {
      let at = along(line.origin, line.begin + o);
      store_result(at.x, at.y, at.z, part);
    }
  }
}
