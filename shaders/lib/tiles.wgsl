// Which tile an invocation of a group of 64 makes. Tiles inside the image and tiles at its borders are dispatched apart:
// llvmpipe runs both sides of a branch, so that one page with a branch would cost both.

// Place in the grid of tiles: a group is 2^shift tiles wide and 64 / 2^shift tiles high (shift: 0 to 6).
fn tile_place(group: vec3u, lane: u32, shift: u32) -> vec2i {
  let x = (group.x << shift) + (lane & ((1u << shift) - 1u));
  let y = (group.y << (6u - shift)) + (lane >> shift);
  return vec2i(i32(x), i32(y));
}

// Number of the tile at an index of a range (count, first, gap): from `first` on, `gap` tiles are left out.
fn tile_number(index: i32, range: vec3i) -> i32 {
  return index + select(0, range.z, index >= range.y);
}

// Index in a range of the first tile with at least a number: the range's count where there is none.
fn tile_index(number: i32, range: vec3i) -> i32 {
  return min(range.x, select(max(range.y, number - range.z), number, number < range.y));
}
