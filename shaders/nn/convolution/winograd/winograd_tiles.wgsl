// Blocks of tiles of 4x4 outputs: EIGHTHS times 8 of them. The points of a tile lie in rows of a channel block and a block of
// tiles: point p of the tile at a place of the block at p * 8 * EIGHTHS + place. Where there are taps along z, the eighths are
// neighboring slices of 8 tiles, so that the slices that an output sees are read while they are in the cache (or several slices
// each, where these have so few tiles that most of 8 would be empty); else tiles follow each other through slices and images.

const EIGHTHS = 8; // @tune
// 1 where there are taps along z.
const DEEP = 0; // @tune
// Tiles of a slice in an eighth where there are taps along z: 8, 4, 2 or 1.
const WIDE = 8; // @tune
const TILES = 8 * EIGHTHS;
// Slices of a block where there are taps along z.
const SLICES = TILES / WIDE;
// Points of a tile.
const POINTS = 36;

struct Tile {
  n: i32,
  z: i32,
  // Its number within the slice.
  place: i32,
  is_there: bool,
}

// Where the product at a point of the tile at a place of a block lies: those of 8 tiles follow each other, as the transform that
// reads each of them once goes through them (measured: 2.5 of 50 ms of a convolution of 16 channels).
fn product_column(point: i32, place: i32) -> i32 {
  return (place / 8 * POINTS + point) * 8 + (place & 7);
}

// The tile at a place of a block; `size` is tiles of a slice, slices, images.
fn tile_at(block: i32, place: i32, size: vec3i) -> Tile {
  let index = block * TILES + place;
  let slice = index / size.x;
  let n = slice / size.y;
  let across = (size.x + WIDE - 1) / WIDE;
  let depths = (size.y + SLICES - 1) / SLICES;
  let column = block / across;
  let deep_n = column / depths;
  let z = select(slice - n * size.y, (column - deep_n * depths) * SLICES + place / WIDE, DEEP == 1);
  let number = select(index - slice * size.x, (block - column * across) * WIDE + (place & (WIDE - 1)), DEEP == 1);
  let image = select(n, deep_n, DEEP == 1);
  return Tile(image, z, number, (image < size.z) & (z < size.y) & (number < size.x));
}

// The point of a doubled map (of 4x4, see `winograd_input_doubled.wgsl`) that stands for one of 6x6, but for signs and factors.
fn doubled_point(place: vec2i) -> i32 {
  let like = place - select(vec2i(), vec2i(1), place >= vec2i(2)) - select(vec2i(), vec2i(1), place >= vec2i(4));
  return like.y * 4 + like.x;
}
