// Tiles of lines along any axis, as steps in three dimensions say it. A page needs lib/tiles.wgsl and the params `lines`
// (tiles along the line: count, first, gap), `tiles` (of all lines that lie side by side), `step`, `outer`, `inner` (what a
// step along the line, a step of the group's z and a line further on are: columns, rows, layers) and `shift`.

struct SteppedTile {
  // Column, row and layer of the line's first pixel.
  origin: vec3i,
  // The tile's first pixel.
  begin: i32,
  // Whether there is such a tile.
  there: bool,
}

// The tile of an invocation, of `length` pixels, where lines lie side by side in `columns` texels.
fn stepped_tile(group: vec3u, lane: u32, columns: i32, length: i32) -> SteppedTile {
  let place = tile_place(group, lane, params.shift);
  let line = place.y / params.lines.x;
  let origin = vec3i(place.x, 0, 0) + (slab_begin() + i32(group.z)) * params.outer + line * params.inner;
  let begin = tile_number(place.y - line * params.lines.x, params.lines) * length;
  return SteppedTile(origin, begin, (place.x < columns) & (place.y < params.tiles));
}
