// What the pages are given that look at the foreground.

struct Params {
  // Pixels of a row: the lanes of the last texel beyond it are undefined.
  width: i32,
  // Layers of a part.
  layers: i32,
  // 1: every pixel counts.
  everything: u32,
  // Else those above this fraction of the greatest value.
  fraction: f32,
}
