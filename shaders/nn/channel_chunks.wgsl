// What the pages are given that reduce the rows of every channel chunk by chunk, from texels of four channels.

struct Params {
  width: i32,
  height: i32,
  depth: i32,
  channels: i32,
  batch: i32,
  // Rows of all planes together, how many of them a chunk has, and the chunks.
  rows: i32,
  rows_per_chunk: i32,
  chunks: i32,
}
