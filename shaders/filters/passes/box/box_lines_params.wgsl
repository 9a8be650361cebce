// What both halves of means along y or z are given.

struct Params {
  border: vec4i,
  // Blocks of a line.
  blocks: i32,
  // Pixels of a line.
  count: i32,
  radius: i32,
  // Pixels of a run.
  run: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}
