// Bilateral filter of one channel, small windows: all pixels of the window are expanded, those beyond the ball drop out.
// For tiles whose windows stay inside the image along x; bilateral.wgsl makes the others.

const RADIUS_X = 2; // @tune
const RADIUS_Y = 2; // @tune
const RADIUS_Z = 0; // @tune
// A step (x, y, z) belongs to the window where FACTOR_X x^2 + FACTOR_Y y^2 + FACTOR_Z z^2 <= LIMIT.
const FACTOR_X = 4; // @tune
const FACTOR_Y = 4; // @tune
const FACTOR_Z = 16; // @tune
const LIMIT = 16; // @tune

const LEFT = (RADIUS_X + 3) / 4;
const SPAN = 2 * LEFT + 1;

struct Params {
  border_y: vec4i,
  border_z: vec4i,
  // Tiles of one texel along x: count, first, gap.
  columns: vec3i,
  // Layers of a channel.
  depth: i32,
  // log2(e) / (2 sigma^2) for sigmas in pixels along x, y, z.
  space: vec3f,
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
  let layer = tile.layer;
  let z = layer - layer / params.depth * params.depth;

  let scale = color_scale(params.strength * load_sigma(u32(layer / params.depth)));
  let own = load_image(x, y, layer);
  // The pixel itself has weight 1. Differences are summed, which keeps rounding small.
  var total = vec4f(1.0);
  var sum = vec4f();
  // @unroll
  for (var dz = -RADIUS_Z; dz <= RADIUS_Z; dz++) {
    let source_layer = layer - z + border_source(z + dz, params.border_z);
    let fill_z = border_fills(z + dz, params.depth, params.fill);
    // @unroll
    for (var dy = -RADIUS_Y; dy <= RADIUS_Y; dy++) {
      let source_y = border_source(y + dy, params.border_y);
      let filled = fill_z | border_fills(y + dy, size.y, params.fill);
      let row_space = f32(dz * dz) * params.space.z + f32(dy * dy) * params.space.y;
      var row: array<f32, 4 * SPAN>;
      // @unroll
      for (var i = 0; i < SPAN; i++) {
        let texel = select(load_image(x - LEFT + i, source_y, source_layer), vec4f(params.cval), filled);
        row[4 * i] = texel.x;
        row[4 * i + 1] = texel.y;
        row[4 * i + 2] = texel.z;
        row[4 * i + 3] = texel.w;
      }
      // @unroll
      for (var dx = -RADIUS_X; dx <= RADIUS_X; dx++) {
        // Constants in the expanded page: the compiler leaves out what is not in the window.
        if ((FACTOR_X * dx * dx + FACTOR_Y * dy * dy + FACTOR_Z * dz * dz <= LIMIT) & (dx * dx + dy * dy + dz * dz > 0)) {
          let difference = vec4f(
            row[4 * LEFT + dx],
            row[4 * LEFT + dx + 1],
            row[4 * LEFT + dx + 2],
            row[4 * LEFT + dx + 3],
          ) - own;
          let distance = difference * scale;
          let weight = exp2(-(row_space + f32(dx * dx) * params.space.x) - distance * distance);
          total += weight;
          sum += weight * difference;
        }
      }
    }
  }
  store_result(x, y, layer, own + sum / total);
}
