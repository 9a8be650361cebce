// Median of 3x3 pixels. Columns are sorted once for the four pixels of a texel; the median is then the middle one of the
// greatest of the lows, the middle of the middles and the least of the highs (A. W. Paeth, Graphics Gems, 1990).

// Rows per invocation.
const ROWS = 4; // @tune

fn middle(a: vec4i, b: vec4i, c: vec4i) -> vec4i {
  return max(min(a, b), min(max(a, b), c));
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

  // Columns x - 1 to x + 2 of the texel's pixels, and x + 3 to x + 4 beside them.
  var near: array<vec4i, ROWS + 2>;
  var far: array<vec2i, ROWS + 2>;
  if (EDGE) {
    // @unroll
    for (var i = 0; i < ROWS + 2; i++) {
      near[i] = order_key(window_pixels(4 * x - 1, y + i - 1, layer));
      far[i] = order_key(window_pixels(4 * x + 3, y + i - 1, layer)).xy;
    }
  } else {
    // @unroll
    for (var i = 0; i < ROWS + 2; i++) {
      let texel = load_image(x, y + i - 1, layer);
      near[i] = order_key(vec4f(load_image(x - 1, y + i - 1, layer).w, texel.xyz));
      far[i] = order_key(vec4f(texel.w, load_image(x + 1, y + i - 1, layer).x, 0.0, 0.0)).xy;
    }
  }

  // @unroll
  for (var o = 0; o < ROWS; o++) {
    let near_low = min(near[o], near[o + 1]);
    let near_high = max(near[o], near[o + 1]);
    let low = min(near_low, near[o + 2]);
    let mid = max(near_low, min(near_high, near[o + 2]));
    let high = max(near_high, near[o + 2]);
    let far_low = min(far[o], far[o + 1]);
    let far_high = max(far[o], far[o + 1]);
    let low_2 = min(far_low, far[o + 2]);
    let mid_2 = max(far_low, min(far_high, far[o + 2]));
    let high_2 = max(far_high, far[o + 2]);
    let lows = max(max(low, vec4i(low.yzw, low_2.x)), vec4i(low.zw, low_2));
    let mids = middle(mid, vec4i(mid.yzw, mid_2.x), vec4i(mid.zw, mid_2));
    let highs = min(min(high, vec4i(high.yzw, high_2.x)), vec4i(high.zw, high_2));
    if (y + o < size_result().y) {
      store_result(x, y + o, layer, order_value(middle(lows, mids, highs)));
    }
  }
}
