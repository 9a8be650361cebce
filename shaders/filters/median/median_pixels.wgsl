// Four pixels from a column on, of a row that may lie beyond the image's first and last one. A page needs
// lib/row_pixels.wgsl with what that needs, and the param `border_y` (the rule of columns).

fn window_pixels(x: i32, y: i32, layer: i32) -> vec4f {
  let row = pixels_from(x, border_source(y, params.border_y), layer);
  return select(row, vec4f(params.cval), border_fills(y, size_image().y, params.fill));
}
