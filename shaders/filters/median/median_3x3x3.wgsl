// Median of 3x3x3 pixels. Triples along z are sorted once for all windows that have them, then those of equal rank along
// y, then along x. In the cube that is sorted along all axes, 4 pixels at either corner have too many others above or
// below; of the other 19 the least and the greatest are dropped in turn ("forgetful selection").

// Rows per invocation.
const ROWS = 2; // @tune
// For median_select.wgsl: keys in question at once, those that follow, rounds that are done before.
const OPEN = 11;
const REST = 9;
const DONE = 1;

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
  fill: i32,
  cval: f32,
  shift: u32,
}

fn sorted(a: vec4i, b: vec4i, c: vec4i) -> array<vec4i, 3> {
  let low = min(a, b);
  let high = max(a, b);
  return array<vec4i, 3>(min(low, c), max(low, min(high, c)), max(high, c));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_result();
  let tile = row_tile(group, lane, (size.y + ROWS - 1) / ROWS);
  if (!tile.there) {
    return;
  }
  let x = tile.x;
  let y = tile.y * ROWS;
  let layer = tile.layer;
  let z = layer - layer / params.depth * params.depth;

  // Pixels x - 1 to x + 2 of the texel's, and x + 3 to x + 4 beside them: the least, middle and greatest along z.
  var near: array<array<vec4i, 3>, ROWS + 2>;
  var far: array<array<vec4i, 3>, ROWS + 2>;
  // @unroll
  for (var i = 0; i < ROWS + 2; i++) {
    let source_y = border_source(y + i - 1, params.border_y);
    let fill_y = border_fills(y + i - 1, size.y, params.fill);
    var near_keys: array<vec4i, 3>;
    var far_keys: array<vec4i, 3>;
    // @unroll
    for (var k = 0; k < 3; k++) {
      let source_layer = layer - z + border_source(z + k - 1, params.border_z);
      let filled = fill_y | border_fills(z + k - 1, params.depth, params.fill);
      var a = vec4f();
      var b = vec4f();
      if (EDGE) {
        a = pixels_from(4 * x - 1, source_y, source_layer);
        b = pixels_from(4 * x + 3, source_y, source_layer);
      } else {
        let texel = load_image(x, source_y, source_layer);
        a = vec4f(load_image(x - 1, source_y, source_layer).w, texel.xyz);
        b = vec4f(texel.w, load_image(x + 1, source_y, source_layer).x, 0.0, 0.0);
      }
      near_keys[k] = order_key(select(a, vec4f(params.cval), filled));
      far_keys[k] = order_key(select(b, vec4f(params.cval), filled));
    }
    near[i] = sorted(near_keys[0], near_keys[1], near_keys[2]);
    far[i] = sorted(far_keys[0], far_keys[1], far_keys[2]);
  }

  // @unroll
  for (var o = 0; o < ROWS; o++) {
    // Ranks along z, y, x.
    var cube: array<array<array<vec4i, 3>, 3>, 3>;
    // @unroll
    for (var k = 0; k < 3; k++) {
      let n = sorted(near[o][k], near[o + 1][k], near[o + 2][k]);
      let f = sorted(far[o][k], far[o + 1][k], far[o + 2][k]);
      // @unroll
      for (var j = 0; j < 3; j++) {
        cube[k][j] = sorted(n[j], vec4i(n[j].yzw, f[j].x), vec4i(n[j].zw, f[j].xy));
      }
    }
    // The least of all 19 is among the first six, the greatest of these 11 among the last five.
    var open = array<vec4i, OPEN>(
      cube[0][0][2], cube[0][2][0], cube[2][0][0], cube[0][1][1], cube[1][0][1], cube[1][1][0],
      cube[2][2][0], cube[2][0][2], cube[0][2][2], cube[2][1][1], cube[1][2][1],
    );
    // The last one is never used.
    let rest = array<vec4i, REST>(
      cube[1][1][2], cube[1][1][1], cube[0][1][2], cube[0][2][1], cube[1][0][2], cube[1][2][0], cube[2][0][1],
      cube[2][1][0], vec4i(),
    );
    // @unroll
    for (var i = 1; i < 6; i++) {
      let low = min(open[0], open[i]);
      open[i] = max(open[0], open[i]);
      open[0] = low;
    }
    // @unroll
    for (var i = 6; i < 10; i++) {
      let low = min(open[i], open[10]);
      open[10] = max(open[i], open[10]);
      open[i] = low;
    }
    open[0] = rest[0];
    let key = selected(open, rest);
    if (y + o < size.y) {
      store_result(x, y + o, layer, order_value(key));
    }
  }
}
