// Tiles of rows. (The long separable page finds its tile itself, which is 3 % faster on lavapipe.) A page needs lib/tiles.wgsl and the params `columns` (tiles along x: count, first, gap) and `shift`.

struct RowTile {
  // Number of the tile along x, row (or number along y) and layer.
  x: i32,
  y: i32,
  layer: i32,
  // Whether there is such a tile.
  there: bool,
}

// The tile of an invocation where there are `lines` of them along y.
fn row_tile(group: vec3u, lane: u32, lines: i32) -> RowTile {
  let place = tile_place(group, lane, params.shift);
  let there = (place.x < params.columns.x) & (place.y < lines);
  return RowTile(tile_number(place.x, params.columns), place.y, slab_begin() + i32(group.z), there);
}
