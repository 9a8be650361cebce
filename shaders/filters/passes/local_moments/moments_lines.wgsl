// Weighted mean and variance along y, or along z, from the means and variances of rows: the variance of all is the mean of the
// variances and the variance of the means. Sums are of the differences to the middle one, as along x. An invocation makes
// TILE texels of a line.

// Taps per chunk.
const TAPS = 8; // @tune
const TILE = 8; // @tune

// Whether windows leave the image.
override EDGE: bool = false;
// Whether one chunk is all: a loop that is left at once costs nothing.
override ONE_CHUNK: bool = false;

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
  // Pixels from an output to its first tap.
  first: i32,
  chunks: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = stepped_tile(group, lane, size_mean().x, TILE);
  if (!tile.there) {
    return;
  }
  let origin = tile.origin;
  let begin = tile.begin;

  var centers: array<vec4f, TILE>;
  // @unroll
  for (var o = 0; o < TILE; o++) {
    let at = origin + min(begin + o, params.count - 1) * params.step;
    centers[o] = load_means(at.x, at.y, at.z);
  }
  let bound = loop_count(params.chunks, lane);
  var sums: array<vec4f, TILE>;
  var squares: array<vec4f, TILE>;
  var chunk = 0;
  loop {
    let first = begin + params.first + chunk * TAPS;
    // The means and variances that a tap meets: those of the tap before, one further on.
    var means: array<vec4f, TILE + 1>;
    var variances: array<vec4f, TILE + 1>;
    // Written out, as naga clears a variable once per function and not once per iteration.
    var part_sums = array<vec4f, TILE>();
    var part_squares = array<vec4f, TILE>();
    // @unroll
    for (var i = 0; i < TAPS + TILE - 1; i++) {
      if (EDGE) {
        let at = origin + border_source(first + i, params.border) * params.step;
        let fills = border_fills(first + i, params.count, params.fill);
        means[TILE] = select(load_means(at.x, at.y, at.z), vec4f(params.cval), fills);
        variances[TILE] = select(load_variances(at.x, at.y, at.z), vec4f(), fills);
      } else {
        let at = origin + (first + i) * params.step;
        means[TILE] = load_means(at.x, at.y, at.z);
        variances[TILE] = load_variances(at.x, at.y, at.z);
      }
      // @unroll
      for (var o = 0; o < TILE; o++) {
        means[o] = means[o + 1];
        variances[o] = variances[o + 1];
      }
      if (i >= TILE - 1) {
        let weight = load_weights(chunk * TAPS + i - (TILE - 1), 0, 0).x;
        // @unroll
        for (var o = 0; o < TILE; o++) {
          let away = means[o] - centers[o];
          part_sums[o] += weight * away;
          part_squares[o] += weight * (variances[o] + away * away);
        }
      }
    }
    // @unroll
    for (var o = 0; o < TILE; o++) {
      sums[o] += part_sums[o];
      squares[o] += part_squares[o];
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
      store_mean(at.x, at.y, at.z, centers[o] + sums[o]);
      store_variance(at.x, at.y, at.z, max(squares[o] - sums[o] * sums[o], vec4f()));
    }
  }
}
