// What both halves of means along x are given.

// Whether texels leave the image: pixels are then read one by one.
override EDGE: bool = false;

struct Params {
  border_x: vec4i,
  // Blocks of a row: count, first, gap.
  columns: vec3i,
  // Pixels of a row.
  width: i32,
  // The row's first texel, before the image.
  first: i32,
  // Texels of a block.
  block: i32,
  // Texels of a run.
  run: i32,
  // Pixels of a window: 1 or 3 more than a block has.
  window: i32,
  // Pixels of a texel of windows that come before those of an output texel: 0 to 3.
  lead: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}
