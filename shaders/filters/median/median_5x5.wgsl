// Median of 5x5 pixels. Columns are sorted once for the four pixels of a texel, then the rows of equal rank; of the 25
// pixels only 13 can still be the median, whose least and greatest are dropped in turn ("forgetful selection").

// Rows per invocation.
const ROWS = 4; // @tune
// For median_select.wgsl: keys in question at once, those that follow, rounds that are done before.
const OPEN = 8;
const REST = 6;
const DONE = 0;

// Nine exchanges sort five numbers.
fn sorted(a0: vec4i, b0: vec4i, c0: vec4i, d0: vec4i, e0: vec4i) -> array<vec4i, 5> {
  let a1 = min(a0, b0);
  let b1 = max(a0, b0);
  let d1 = min(d0, e0);
  let e1 = max(d0, e0);
  let c2 = min(c0, e1);
  let e2 = max(c0, e1);
  let c3 = min(c2, d1);
  let d3 = max(c2, d1);
  let a4 = min(a1, d3);
  let d4 = max(a1, d3);
  let a5 = min(a4, c3);
  let c5 = max(a4, c3);
  let b6 = min(b1, e2);
  let e6 = max(b1, e2);
  let b7 = min(b6, d4);
  let d7 = max(b6, d4);
  let b8 = min(b7, c5);
  let c8 = max(b7, c5);
  return array<vec4i, 5>(a5, b8, c8, d7, e6);
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

  // Columns x - 2 to x + 1 of the texel's pixels, and x + 2 to x + 5.
  var left: array<vec4i, ROWS + 4>;
  var right: array<vec4i, ROWS + 4>;
  if (EDGE) {
    // @unroll
    for (var i = 0; i < ROWS + 4; i++) {
      left[i] = order_key(window_pixels(4 * x - 2, y + i - 2, layer));
      right[i] = order_key(window_pixels(4 * x + 2, y + i - 2, layer));
    }
  } else {
    // @unroll
    for (var i = 0; i < ROWS + 4; i++) {
      let texel = load_image(x, y + i - 2, layer);
      left[i] = order_key(vec4f(load_image(x - 1, y + i - 2, layer).zw, texel.xy));
      right[i] = order_key(vec4f(texel.zw, load_image(x + 1, y + i - 2, layer).xy));
    }
  }

  // @unroll
  for (var o = 0; o < ROWS; o++) {
    let l = sorted(left[o], left[o + 1], left[o + 2], left[o + 3], left[o + 4]);
    let r = sorted(right[o], right[o + 1], right[o + 2], right[o + 3], right[o + 4]);
    var rows: array<array<vec4i, 5>, 5>;
    // @unroll
    for (var k = 0; k < 5; k++) {
      rows[k] = sorted(
        l[k],
        vec4i(l[k].yzw, r[k].x),
        vec4i(l[k].zw, r[k].xy),
        vec4i(l[k].w, r[k].xyz),
        r[k],
      );
    }
    // What has fewer than 13 others on one side for certain; the last one is never used.
    let rest = array<vec4i, REST>(rows[3][0], rows[3][1], rows[3][2], rows[4][0], rows[4][1], vec4i());
    let open = array<vec4i, OPEN>(
      rows[0][3], rows[0][4], rows[1][2], rows[1][3], rows[1][4], rows[2][1], rows[2][2], rows[2][3],
    );
    let key = selected(open, rest);
    if (y + o < size_result().y) {
      store_result(x, y + o, layer, order_value(key));
    }
  }
}
