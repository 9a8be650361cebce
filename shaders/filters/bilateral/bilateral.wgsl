// Bilateral filter, windows of any size: a loop over the window's rows and their texels, each compared with the four
// pixels of one texel. CHANNELS channels have their weights in common, from a distance over all of them.

// Channels with common weights; 1 where each channel has its own.
const CHANNELS = 1; // @tune

// Whether windows leave the image along x: pixels are then read one by one.
override EDGE: bool = false;
// Whether the distance is the sum of the absolute differences, else the root of the sum of their squares.
override SUM: bool = false;

struct Params {
  border_x: vec4i,
  border_y: vec4i,
  border_z: vec4i,
  // Tiles of one texel along x: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // log2(e) / (2 sigma^2) for sigmas in pixels along x, y, z.
  space: vec3f,
  // Layers of a channel.
  depth: i32,
  // Rows and layers before the middle one.
  radius_y: i32,
  radius_z: i32,
  // Standard deviation of colors for each unit of `sigma`.
  strength: f32,
  fill: i32,
  cval: f32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_result();
  let tile = row_tile(group, lane, size.y);
  if (!tile.there) {
    return;
  }
  let x = tile.x;
  let y = tile.y;
  // With common weights the layers are those of the first channel.
  let layer = tile.layer;
  let channel = layer / params.depth;
  let z = layer - channel * params.depth;

  // The root of the mean square of the channels' levels.
  var greatest = 1e-30;
  // @unroll
  for (var c = 0; c < CHANNELS; c++) {
    greatest = max(greatest, load_sigma(u32(channel + c)));
  }
  var squares = 0.0;
  var own: array<vec4f, CHANNELS>;
  // @unroll
  for (var c = 0; c < CHANNELS; c++) {
    let level = load_sigma(u32(channel + c)) / greatest;
    squares += level * level;
    own[c] = load_image(x, y, layer + c * params.depth);
  }
  let scale = color_scale(params.strength * greatest * sqrt(squares / f32(CHANNELS)));

  let radius_z = loop_count(params.radius_z, lane);
  let radius_y = loop_count(params.radius_y, lane);
  var total = vec4f();
  // Differences are summed, which keeps rounding small.
  var sums: array<vec4f, CHANNELS>;
  for (var dz = -radius_z; dz <= radius_z; dz++) {
    let source_layer = layer - z + border_source(z + dz, params.border_z);
    let fill_z = border_fills(z + dz, params.depth, params.fill);
    for (var dy = -radius_y; dy <= radius_y; dy++) {
      let source_y = border_source(y + dy, params.border_y);
      let filled = fill_z | border_fills(y + dy, size.y, params.fill);
      let row_space = f32(dz * dz) * params.space.z + f32(dy * dy) * params.space.y;
      let reach = load_reach(u32((dz + radius_z) * (2 * radius_y + 1) + dy + radius_y));
      let texels = select((reach + 3) / 4, -1, reach < 0);
      for (var t = -texels; t <= texels; t++) {
        // What the steps from the texel's four pixels to the other's take from the exponent; far more beyond the window.
        var space: array<f32, 7>;
        // @unroll
        for (var i = 0; i < 7; i++) {
          let step = 4 * t + i - 3;
          space[i] = select(1e30, row_space + f32(step * step) * params.space.x, abs(step) <= reach);
        }
        var other: array<vec4f, CHANNELS>;
        // @unroll
        for (var c = 0; c < CHANNELS; c++) {
          var texel = vec4f();
          if (EDGE) {
            texel = pixels_from(4 * (x + t), source_y, source_layer + c * params.depth);
          } else {
            texel = load_image(x + t, source_y, source_layer + c * params.depth);
          }
          other[c] = select(texel, vec4f(params.cval), filled);
        }
        // @unroll
        for (var i = 0; i < 4; i++) {
          var distance = vec4f(0.0);
          // @unroll
          for (var c = 0; c < CHANNELS; c++) {
            let difference = scale * (vec4f(other[c][i]) - own[c]);
            distance += select(difference * difference, abs(difference), SUM);
          }
          distance = select(distance, distance * distance, SUM);
          let weight = exp2(-vec4f(space[i + 3], space[i + 2], space[i + 1], space[i]) - distance);
          total += weight;
          // @unroll
          for (var c = 0; c < CHANNELS; c++) {
            sums[c] += weight * (vec4f(other[c][i]) - own[c]);
          }
        }
      }
    }
  }
  // @unroll
  for (var c = 0; c < CHANNELS; c++) {
    store_result(x, y, layer + c * params.depth, own[c] + sums[c] / total);
  }
}
