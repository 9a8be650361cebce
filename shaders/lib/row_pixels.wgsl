// Pixels of a row of `image` and beyond its ends. A page needs lib/border.wgsl, the binding `image` (rows4) and the params
// `border_x` (the rule of rows), `width` (pixels of a row), `fill` and `cval`.

fn pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = border_source(x, params.border_x);
  let texel = load_image(source >> 2u, y, layer);
  return select(texel[source & 3], params.cval, border_fills(x, params.width, params.fill));
}

// Four pixels from a column on.
fn pixels_from(x: i32, y: i32, layer: i32) -> vec4f {
  return vec4f(pixel(x, y, layer), pixel(x + 1, y, layer), pixel(x + 2, y, layer), pixel(x + 3, y, layer));
}
