// What products of packed panels are given.

struct Params {
  // Panels of one left and one right matrix, and chunks of the depth.
  row_panels: u32,
  column_panels: u32,
  chunks: i32,
}
