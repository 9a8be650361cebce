// What the medians of 3x3, 5x5 and 7x7 pixels are given, and how they read. A page needs lib/row_pixels.wgsl with what
// that needs.

// Whether windows leave the image: pixels are then read one by one.
override EDGE: bool = false;

struct Params {
  border_x: vec4i,
  border_y: vec4i,
  // Tiles of one texel along x and of ROWS rows along y: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  lines: vec3i,
  fill: i32,
  cval: f32,
  shift: u32,
}

// Four pixels from a column on, of a row that may lie beyond the image's first and last one.
fn window_pixels(x: i32, y: i32, layer: i32) -> vec4f {
  let row = pixels_from(x, border_source(y, params.border_y), layer);
  return select(row, vec4f(params.cval), border_fills(y, size_image().y, params.fill));
}
