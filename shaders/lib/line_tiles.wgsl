// Tiles of lines, and pixels of `image` on a line and beyond its ends. A page needs lib/border.wgsl, lib/lines.wgsl,
// lib/tiles.wgsl, the binding `image` (rows4) and the params `border` (the rule of lines), `count` (pixels of a line),
// `fill` and `cval`.

struct LineTile {
  // Column, row and layer of the line's first pixel.
  origin: vec3i,
  // The tile's first pixel.
  begin: i32,
  // What this dispatch writes of the line.
  first_written: i32,
  end: i32,
  // Whether there is such a tile.
  there: bool,
}

// The tile at a place of the grid, of `length` pixels, for a result of `size`; `lines` is the range of tiles of a line.
// Along y the group's z is the layer; along z it counts the tiles of all channels, from the slab's first one on.
fn line_tile(place: vec2i, group_z: i32, size: vec3i, lines: vec3i, length: i32) -> LineTile {
  let channel = slab_begin() / params.count;
  let first_tile = (slab_begin() - channel * params.count) / length;
  let index = channel * lines.x + tile_index(first_tile, lines) + group_z;
  let stack = index / lines.x;
  let tile = select(place.y, index - stack * lines.x, ALONG_Z);
  let origin = select(vec3i(place.x, 0, slab_begin() + group_z), vec3i(place, stack * params.count), ALONG_Z);
  let first_written = select(0, max(0, slab_begin() - origin.z), ALONG_Z);
  let end = select(params.count, min(params.count, slab_end() - origin.z), ALONG_Z);
  let begin = tile_number(tile, lines) * length;
  let there = (place.x < size.x) & (place.y < select(lines.x, size.y, ALONG_Z)) & (begin < end);
  return LineTile(origin, begin, first_written, end, there);
}

fn bordered(origin: vec3i, place: i32) -> vec4f {
  let at = along(origin, border_source(place, params.border));
  let texel = load_image(at.x, at.y, at.z);
  return select(texel, vec4f(params.cval), border_fills(place, params.count, params.fill));
}
