// Median of a window of any size, as the pixel with as many others below as above: bisection between the least and the
// greatest possible pixel, where each step takes for its bounds pixels that are there.

// Radius along x.
const RADIUS = 3; // @tune
const LEFT = (RADIUS + 3) / 4;
const SPAN = 2 * LEFT + 1;
const FIRST = 4 * LEFT - RADIUS;

// Whether windows leave the image along x: pixels are then read one by one.
override EDGE: bool = false;

struct Params {
  border_x: vec4i,
  border_y: vec4i,
  border_z: vec4i,
  // Tiles of one texel along x: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // Layers of a channel.
  depth: i32,
  // Rows and layers before the middle one.
  radius_y: i32,
  radius_z: i32,
  // How many pixels of the window are not above the median.
  rank: i32,
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

  let radius_z = loop_count(params.radius_z, lane);
  let radius_y = loop_count(params.radius_y, lane);
  var low = vec4i(-2147483647 - 1);
  var high = vec4i(2147483647);
  var pivot = order_key(load_image(x, y, layer));
  for (var step = 0; step < 34; step++) {
    if (all(low == high)) {
      break;
    }
    // Pixels up to the pivot: how many, the greatest one; and the least one above it.
    var count = vec4i();
    var below = vec4i(-2147483647 - 1);
    var above = vec4i(2147483647);
    for (var dz = -radius_z; dz <= radius_z; dz++) {
      let source_layer = layer - z + border_source(z + dz, params.border_z);
      let fill_z = border_fills(z + dz, params.depth, params.fill);
      for (var dy = -radius_y; dy <= radius_y; dy++) {
        let source_y = border_source(y + dy, params.border_y);
        let filled = fill_z | border_fills(y + dy, size.y, params.fill);
        var row: array<i32, 4 * SPAN>;
        // @unroll
        for (var i = 0; i < SPAN; i++) {
          var texel = vec4f();
          if (EDGE) {
            texel = pixels_from(4 * (x - LEFT + i), source_y, source_layer);
          } else {
            texel = load_image(x - LEFT + i, source_y, source_layer);
          }
          let keys = order_key(select(texel, vec4f(params.cval), filled));
          row[4 * i] = keys.x;
          row[4 * i + 1] = keys.y;
          row[4 * i + 2] = keys.z;
          row[4 * i + 3] = keys.w;
        }
        // @unroll
        for (var i = FIRST; i <= FIRST + 2 * RADIUS; i++) {
          let key = vec4i(row[i], row[i + 1], row[i + 2], row[i + 3]);
          let under = key <= pivot;
          count += select(vec4i(0), vec4i(1), under);
          below = max(below, select(vec4i(-2147483647 - 1), key, under));
          above = min(above, select(key, vec4i(2147483647), under));
        }
      }
    }
    let found = count >= vec4i(params.rank);
    low = select(above, low, found);
    high = select(high, below, found);
    pivot = (low & high) + ((low ^ high) >> vec4u(1u));
  }
  store_result(x, y, layer, order_value(low));
}
