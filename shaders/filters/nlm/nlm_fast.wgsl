// Non-local means for small patches, by shifted differences: for each search position the squared differences of all
// pixels of a tile are summed along z, x and y in turn, so that patches that overlap share their sums (J. Darbon, A. Cunha,
// T. F. Chan, S. Osher, G. J. Jensen, 2008). Sums are of a few squares each and never subtracted, so that no error drifts.

// Rows per invocation, a multiple of 4.
const ROWS = 8; // @tune
// Radii of the patch.
const RADIUS_X = 2; // @tune
const RADIUS_Y = 2; // @tune
const RADIUS_Z = 0; // @tune
// Search positions along x that one iteration of the loop takes, and where in its first texel the first one's patch begins.
const CHUNK = 4; // @tune
const OFFSET = 1; // @tune

const LINES = ROWS + 2 * RADIUS_Y;
const LAYERS = 2 * RADIUS_Z + 1;
// Pixels whose differences make the four sums of a texel, and those before them in its texels.
const SQUARES = 4 + 2 * RADIUS_X;
const BEFORE = (RADIUS_X + 3) / 4;
const SKIP = 4 * BEFORE - RADIUS_X;
const NEAR = 2 * BEFORE + 1;
// Texels of one iteration's search positions.
const FAR = (OFFSET + CHUNK + SQUARES + 2) / 4;

// 1: patch weights from params; 0: all alike, for radii along x and y of 1 or more.
const WEIGHTED = 0; // @tune
// 1: the mean of squares less their bias.
const RICIAN = 0; // @tune

struct Params {
  border_z: vec4i,
  // Search positions count if they lie from `low` to `high` (x, y, z).
  low: vec3i,
  // Layers of a channel.
  depth: i32,
  high: vec3i,
  // Chunks along x, and the first search position along x.
  chunks: i32,
  // Radii of the search window along y and z. So many rows, and RADIUS_Y, are there above the image.
  search: vec2i,
  first: i32,
  // Texels before the image's first one.
  before: i32,
  // Patch weights along x, y, z beside the middle one, which is 1: at distances 1, 2, 3. The sum of all.
  weights_x: vec3f,
  sum: f32,
  weights_y: vec3f,
  // The filter's h is `h + strength * sigma`.
  h: f32,
  weights_z: vec3f,
  strength: f32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_result();
  let y = place.y * ROWS;
  if ((place.x >= size.x) | (y >= size.y)) {
    return;
  }
  let layer = slab_begin() + i32(group.z);
  let z = layer - layer / params.depth * params.depth;
  let base = layer - z;
  let x = place.x + params.before;
  let sigma = load_sigma(u32(layer / params.depth));
  let h = params.h + params.strength * sigma;
  let weighing = weighing_of(h, sigma, params.sum);

  // The patches of the tile itself.
  var near: array<f32, 4 * NEAR * LINES * LAYERS>;
  // @unroll
  for (var k = 0; k < LAYERS; k++) {
    // @unroll
    for (var i = 0; i < LINES; i++) {
      // @unroll
      for (var t = 0; t < NEAR; t++) {
        let texel = load_padded(
          x - BEFORE + t,
          y + i + params.search.x,
          base + border_source(z + k - RADIUS_Z, params.border_z),
        );
        near[4 * ((k * LINES + i) * NEAR + t)] = texel.x;
        near[4 * ((k * LINES + i) * NEAR + t) + 1] = texel.y;
        near[4 * ((k * LINES + i) * NEAR + t) + 2] = texel.z;
        near[4 * ((k * LINES + i) * NEAR + t) + 3] = texel.w;
      }
    }
  }

  var far: array<f32, 4 * FAR * LINES * LAYERS>;
  var squares: array<f32, SQUARES>;
  var lines: array<vec4f, LINES>;
  var distances: array<vec4f, ROWS>;
  // Sums of a chunk, which join the others at its end: fewer roundings.
  var part_sums: array<vec4f, ROWS>;
  var part_totals: array<vec4f, ROWS>;
  var sums: array<vec4f, ROWS>;
  var totals: array<vec4f, ROWS>;
  // @unroll
  for (var o = 0; o < ROWS; o++) {
    sums[o] = vec4f();
    totals[o] = vec4f();
  }
  // Loaded once: within the loop llvmpipe loads each param for each lane.
  let low = params.low;
  let high = params.high;
  let search = params.search;
  let first_shift = params.first;
  let chunks = params.chunks;
  let border_z = params.border_z;
  // One loop over layers, rows and chunks along x, in this order.
  let first_z = max(-search.y, low.z - z);
  let last_z = min(search.y, high.z - z);
  let steps = loop_count((last_z - first_z + 1) * (2 * search.x + 1) * chunks, lane);
  var dz = first_z;
  var dy = -search.x;
  var chunk = 0;
  for (var step = 0; step < steps; step++) {
    let shift = first_shift + chunk * CHUNK;
    let texel_x = x + (shift - RADIUS_X - OFFSET) / 4;
    // @unroll
    for (var k = 0; k < LAYERS; k++) {
      let far_layer = base + border_source(z + dz + k - RADIUS_Z, border_z);
      // @unroll
      for (var i = 0; i < LINES; i++) {
        let far_y = y + dy + i + search.x;
        // @unroll
        for (var t = 0; t < FAR; t++) {
          let texel = load_padded(texel_x + t, far_y, far_layer);
          far[4 * ((k * LINES + i) * FAR + t)] = texel.x;
          far[4 * ((k * LINES + i) * FAR + t) + 1] = texel.y;
          far[4 * ((k * LINES + i) * FAR + t) + 2] = texel.z;
          far[4 * ((k * LINES + i) * FAR + t) + 3] = texel.w;
        }
      }
    }
    // @unroll
    for (var o = 0; o < ROWS; o++) {
      part_sums[o] = vec4f();
      part_totals[o] = vec4f();
    }
    // @unroll
    for (var j = 0; j < CHUNK; j++) {
      let column = vec4i(4 * place.x + shift + j) + vec4i(0, 1, 2, 3);
      let counts = (column >= vec4i(low.x)) & (column <= vec4i(high.x)) &
        vec4<bool>(shift + j <= -first_shift);
      let least = select(vec4i(weighing.none), vec4i(weighing.full), counts);
      // Sums along z and x of each row.
      // @unroll
      for (var i = 0; i < LINES; i++) {
        // @unroll
        for (var s = 0; s < SQUARES; s++) {
          let middle = near[4 * (RADIUS_Z * LINES + i) * NEAR + SKIP + s] -
            far[4 * (RADIUS_Z * LINES + i) * FAR + OFFSET + j + s];
          squares[s] = middle * middle;
          // @unroll
          for (var k = 1; k <= RADIUS_Z; k++) {
            let above = near[4 * ((RADIUS_Z - k) * LINES + i) * NEAR + SKIP + s] -
              far[4 * ((RADIUS_Z - k) * LINES + i) * FAR + OFFSET + j + s];
            let below = near[4 * ((RADIUS_Z + k) * LINES + i) * NEAR + SKIP + s] -
              far[4 * ((RADIUS_Z + k) * LINES + i) * FAR + OFFSET + j + s];
            if (WEIGHTED == 1) {
              squares[s] += params.weights_z[k - 1] * (above * above + below * below);
            } else {
              squares[s] += above * above + below * below;
            }
          }
        }
        if (WEIGHTED == 1) {
          var line = vec4f(
            squares[RADIUS_X],
            squares[RADIUS_X + 1],
            squares[RADIUS_X + 2],
            squares[RADIUS_X + 3],
          );
          // @unroll
          for (var k = 1; k <= RADIUS_X; k++) {
            line += params.weights_x[k - 1] * vec4f(
              squares[RADIUS_X - k] + squares[RADIUS_X + k],
              squares[RADIUS_X - k + 1] + squares[RADIUS_X + k + 1],
              squares[RADIUS_X - k + 2] + squares[RADIUS_X + k + 2],
              squares[RADIUS_X - k + 3] + squares[RADIUS_X + k + 3],
            );
          }
          lines[i] = line;
        } else {
          // The four sums share their middle.
          let left = squares[1] + squares[2];
          let right = squares[2 * RADIUS_X + 1] + squares[2 * RADIUS_X + 2];
          var line = vec4f(
            squares[0] + left,
            left + squares[2 * RADIUS_X + 1],
            squares[2] + right,
            right + squares[SQUARES - 1],
          );
          if (RADIUS_X > 1) {
            var middle = squares[3];
            // @unroll
            for (var s = 4; s <= 2 * RADIUS_X; s++) {
              middle += squares[s];
            }
            line += vec4f(middle);
          }
          lines[i] = line;
        }
      }
      if (WEIGHTED == 1) {
        // @unroll
        for (var o = 0; o < ROWS; o++) {
          distances[o] = lines[o + RADIUS_Y];
          // @unroll
          for (var k = 1; k <= RADIUS_Y; k++) {
            distances[o] += params.weights_y[k - 1] * (lines[o + RADIUS_Y - k] + lines[o + RADIUS_Y + k]);
          }
        }
      } else {
        // @unroll
        for (var o = 0; o < ROWS; o += 4) {
          let left = lines[o + 1] + lines[o + 2];
          let right = lines[o + 2 * RADIUS_Y + 1] + lines[o + 2 * RADIUS_Y + 2];
          distances[o] = lines[o] + left;
          distances[o + 1] = left + lines[o + 2 * RADIUS_Y + 1];
          distances[o + 2] = lines[o + 2] + right;
          distances[o + 3] = right + lines[o + 2 * RADIUS_Y + 3];
          if (RADIUS_Y > 1) {
            var middle = lines[o + 3];
            // @unroll
            for (var s = 4; s <= 2 * RADIUS_Y; s++) {
              middle += lines[o + s];
            }
            // @unroll
            for (var s = 0; s < 4; s++) {
              distances[o + s] += middle;
            }
          }
        }
      }
      // @unroll
      for (var o = 0; o < ROWS; o++) {
        let weight = weight_of(weighing.sharpness * distances[o], least, weighing);
        let at = 4 * (RADIUS_Z * LINES + o + RADIUS_Y) * FAR + OFFSET + RADIUS_X + j;
        var value = vec4f(far[at], far[at + 1], far[at + 2], far[at + 3]);
        if (RICIAN == 1) {
          value *= value;
        }
        part_sums[o] += weight * value;
        part_totals[o] += weight;
      }
    }
    // Rows whose search position lies outside count for nothing.
    // @unroll
    for (var o = 0; o < ROWS; o++) {
      let row = y + o + dy;
      let share = select(0.0, 1.0, (row >= low.y) & (row <= high.y));
      sums[o] += share * part_sums[o];
      totals[o] += share * part_totals[o];
    }
    chunk += 1;
    let line_done = chunk == chunks;
    chunk = select(chunk, 0, line_done);
    dy += select(0, 1, line_done);
    let layer_done = dy > search.x;
    dy = select(dy, -search.x, layer_done);
    dz += select(0, 1, layer_done);
  }

  // @unroll
  for (var o = 0; o < ROWS; o++) {
    if (y + o < size.y) {
      store_result(place.x, y + o, layer, estimate_of(sums[o], totals[o], sigma, RICIAN == 1));
    }
  }
}
