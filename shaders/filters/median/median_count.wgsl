// Median of a window of some 100 pixels: bisection between the window's least and greatest key by counting the pixels
// above the middle. The pixels are read once and kept; all of them are compared in each step. For tiles whose windows
// stay inside the image along x; median_rank.wgsl makes the others.

const RADIUS_X = 4; // @tune
const RADIUS_Y = 4; // @tune
const RADIUS_Z = 0; // @tune
const LEFT = (RADIUS_X + 3) / 4;
const SPAN = 2 * LEFT + 1;
const FIRST = 4 * LEFT - RADIUS_X;
const HEIGHT = 2 * RADIUS_Y + 1;
const DEPTH = 2 * RADIUS_Z + 1;
const LINES = HEIGHT * DEPTH;
// Pixels of a window that are above its median.
const ABOVE = (LINES * (2 * RADIUS_X + 1) - 1) / 2;

struct Params {
  border_y: vec4i,
  border_z: vec4i,
  // Tiles of one texel along x: count, first, gap.
  columns: vec3i,
  // Layers of a channel.
  depth: i32,
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

  var keys: array<vec4i, LINES * SPAN>;
  // @unroll
  for (var line = 0; line < LINES; line++) {
    let dz = line / HEIGHT - RADIUS_Z;
    let dy = line % HEIGHT - RADIUS_Y;
    let source_layer = layer - z + border_source(z + dz, params.border_z);
    let source_y = border_source(y + dy, params.border_y);
    let filled = border_fills(z + dz, params.depth, params.fill) | border_fills(y + dy, size.y, params.fill);
    // @unroll
    for (var i = 0; i < SPAN; i++) {
      let texel = load_image(x - LEFT + i, source_y, source_layer);
      keys[line * SPAN + i] = order_key(select(texel, vec4f(params.cval), filled));
    }
  }

  // All pixels that were read bound the median as well as those of the window do.
  var least = vec4i(2147483647);
  var greatest = vec4i(-2147483647 - 1);
  // @unroll
  for (var i = 0; i < LINES * SPAN; i++) {
    least = min(least, keys[i]);
    greatest = max(greatest, keys[i]);
  }
  var low = vec4i(min(min(least.x, least.y), min(least.z, least.w)));
  var high = vec4i(max(max(greatest.x, greatest.y), max(greatest.z, greatest.w)));
  for (var step = 0; step < 32; step++) {
    if (all(low >= high)) {
      break;
    }
    // Halfway, rounded down, without an overflow.
    let pivot = (low & high) + ((low ^ high) >> vec4u(1u));
    // Less 1 for each pixel above the pivot: a comparison's bits as they are.
    var count = vec4i();
    // @unroll
    for (var line = 0; line < LINES; line++) {
      // @unroll
      for (var i = FIRST; i <= FIRST + 2 * RADIUS_X; i++) {
        let key = vec4i(
          keys[line * SPAN + i / 4][i % 4],
          keys[line * SPAN + (i + 1) / 4][(i + 1) % 4],
          keys[line * SPAN + (i + 2) / 4][(i + 2) % 4],
          keys[line * SPAN + (i + 3) / 4][(i + 3) % 4],
        );
        count += select(vec4i(), vec4i(-1), key > pivot);
      }
    }
    let found = count >= vec4i(-ABOVE);
    low = select(pivot + 1, low, found);
    high = select(high, pivot, found);
  }
  store_result(x, y, layer, order_value(low));
}
