// Lines that have another length in the result, as in levels of wavelet transforms. A page needs lib/lines.wgsl and the
// params `counts` (places of a line: of the source and of the result) and `tiles` (of a line).

struct ResizedLine {
  // Column, row and layer of the line's first place, in the source and in the result.
  source: vec3i,
  result: vec3i,
  tile: i32,
  // Whether there is such a tile.
  there: bool,
}

// The line and its tile at a place of the grid, for a result of `size`. Along y the group's z is the layer; along z it is
// the row, and the lines of all channels lie side by side.
fn resized_line(place: vec2i, group_z: i32, size: vec3i) -> ResizedLine {
  let channel = place.y / params.tiles;
  let tile = select(place.y, place.y - channel * params.tiles, ALONG_Z);
  let origin = vec3i(place.x, select(0, group_z, ALONG_Z), 0);
  let layers = select(vec2i(slab_begin() + group_z), channel * params.counts, ALONG_Z);
  let tiles = params.tiles * select(1, size.z / params.counts.y, ALONG_Z);
  let there = (place.x < size.x) & (place.y < tiles);
  return ResizedLine(origin + vec3i(0, 0, layers.x), origin + vec3i(0, 0, layers.y), tile, there);
}
