// Median of 7x7 pixels. Columns are sorted once for the four pixels of a texel, then the rows of equal rank; of the 49
// pixels only 29 can still be the median, whose least and greatest are dropped in turn ("forgetful selection").

// Rows per invocation.
const ROWS = 1; // @tune
// For median_select.wgsl: keys in question at once, those that follow, rounds that are done before.
const OPEN = 16;
const REST = 14;
const DONE = 1;

// Sixteen exchanges sort seven numbers.
fn sorted(
  a0: vec4i,
  b0: vec4i,
  c0: vec4i,
  d0: vec4i,
  e0: vec4i,
  f0: vec4i,
  g0: vec4i,
) -> array<vec4i, 7> {
  let a1 = min(a0, g0);
  let g1 = max(a0, g0);
  let c1 = min(c0, d0);
  let d1 = max(c0, d0);
  let e1 = min(e0, f0);
  let f1 = max(e0, f0);
  let a2 = min(a1, c1);
  let c2 = max(a1, c1);
  let b1 = min(b0, e1);
  let e2 = max(b0, e1);
  let d2 = min(d1, g1);
  let g2 = max(d1, g1);
  let a3 = min(a2, b1);
  let b2 = max(a2, b1);
  let c3 = min(c2, f1);
  let f2 = max(c2, f1);
  let d3 = min(d2, e2);
  let e3 = max(d2, e2);
  let b3 = min(b2, c3);
  let c4 = max(b2, c3);
  let e4 = min(e3, g2);
  let g3 = max(e3, g2);
  let c5 = min(c4, d3);
  let d4 = max(c4, d3);
  let e5 = min(e4, f2);
  let f3 = max(e4, f2);
  let b4 = min(b3, c5);
  let c6 = max(b3, c5);
  let d5 = min(d4, e5);
  let e6 = max(d4, e5);
  let f4 = min(f3, g3);
  let g4 = max(f3, g3);
  return array<vec4i, 7>(a3, b4, c6, d5, e6, f4, g4);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  if ((place.x >= params.columns.x) | (place.y >= params.lines.x)) {
    return;
  }
  let x = tile_number(place.x, params.columns);
  let y = tile_number(place.y, params.lines) * ROWS;
  let layer = slab_begin() + i32(group.z);

  // Columns x - 3 to x of the texel's pixels, x + 1 to x + 4, and x + 5 to x + 6.
  var left: array<vec4i, ROWS + 6>;
  var middle: array<vec4i, ROWS + 6>;
  var right: array<vec4i, ROWS + 6>;
  if (EDGE) {
    // @unroll
    for (var i = 0; i < ROWS + 6; i++) {
      left[i] = order_key(window_pixels(4 * x - 3, y + i - 3, layer));
      middle[i] = order_key(window_pixels(4 * x + 1, y + i - 3, layer));
      right[i] = order_key(window_pixels(4 * x + 5, y + i - 3, layer));
    }
  } else {
    // @unroll
    for (var i = 0; i < ROWS + 6; i++) {
      let texel = load_image(x, y + i - 3, layer);
      let next = load_image(x + 1, y + i - 3, layer);
      left[i] = order_key(vec4f(load_image(x - 1, y + i - 3, layer).yzw, texel.x));
      middle[i] = order_key(vec4f(texel.yzw, next.x));
      right[i] = order_key(vec4f(next.yz, 0.0, 0.0));
    }
  }

  // @unroll
  for (var o = 0; o < ROWS; o++) {
    let l = sorted(left[o], left[o + 1], left[o + 2], left[o + 3], left[o + 4], left[o + 5], left[o + 6]);
    let m = sorted(middle[o], middle[o + 1], middle[o + 2], middle[o + 3], middle[o + 4], middle[o + 5], middle[o + 6]);
    let r = sorted(right[o], right[o + 1], right[o + 2], right[o + 3], right[o + 4], right[o + 5], right[o + 6]);
    var rows: array<array<vec4i, 7>, 7>;
    // @unroll
    for (var k = 0; k < 7; k++) {
      rows[k] = sorted(
        l[k],
        vec4i(l[k].yzw, m[k].x),
        vec4i(l[k].zw, m[k].xy),
        vec4i(l[k].w, m[k].xyz),
        m[k],
        vec4i(m[k].yzw, r[k].x),
        vec4i(m[k].zw, r[k].xy),
      );
    }
    // The least of all 29 is among the first five, the greatest of these 16 among the last five.
    var open = array<vec4i, OPEN>(
      rows[0][4], rows[1][3], rows[2][2], rows[3][1], rows[4][0], rows[3][4],
      rows[4][1], rows[4][3], rows[5][0], rows[5][2], rows[6][1], rows[2][6],
      rows[3][5], rows[4][4], rows[5][3], rows[6][2],
    );
    // The last one is never used.
    let rest = array<vec4i, REST>(
      rows[0][6], rows[1][5], rows[2][4], rows[3][3], rows[4][2], rows[5][1],
      rows[6][0], rows[0][5], rows[1][4], rows[1][6], rows[2][3], rows[2][5],
      rows[3][2],
      vec4i(),
    );
    // @unroll
    for (var i = 1; i < 5; i++) {
      let low = min(open[0], open[i]);
      open[i] = max(open[0], open[i]);
      open[0] = low;
    }
    // @unroll
    for (var i = 11; i < 15; i++) {
      let low = min(open[i], open[15]);
      open[15] = max(open[i], open[15]);
      open[i] = low;
    }
    open[0] = rest[0];
    let key = selected(open, rest);
    if (y + o < size_result().y) {
      store_result(x, y + o, layer, order_value(key));
    }
  }
}
