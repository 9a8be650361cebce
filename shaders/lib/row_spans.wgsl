// The pixels of SPAN texels of a row of `image`, of which the first one is `begin`. A page needs the constant SPAN, the
// binding `image` (rows4) and a function `pixel`, that of lib/row_pixels.wgsl or its own.

// All texels lie inside the image.
fn inside_span(begin: i32, y: i32, layer: i32) -> array<f32, 4 * SPAN> {
  var pixels: array<f32, 4 * SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    let texel = load_image(begin + i, y, layer);
    pixels[4 * i] = texel.x;
    pixels[4 * i + 1] = texel.y;
    pixels[4 * i + 2] = texel.z;
    pixels[4 * i + 3] = texel.w;
  }
  return pixels;
}

// Texels may lie outside: each pixel is read by itself.
fn bordered_span(begin: i32, y: i32, layer: i32) -> array<f32, 4 * SPAN> {
  var pixels: array<f32, 4 * SPAN>;
  // @unroll
  for (var i = 0; i < 4 * SPAN; i++) {
    pixels[i] = pixel(4 * begin + i, y, layer);
  }
  return pixels;
}
