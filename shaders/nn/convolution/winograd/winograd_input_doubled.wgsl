// The points of a map that is doubled before, where tiles start at odd pixels. The six pixels of a row are a, b, b, c, c, d: its
// third point is zero, its fourth 3 (c - b), its fifth b - c. So a tile has 16 points, of the first, second and sixth along
// either axis and of c - b; weights have the factors. One tile and one block of channels per invocation; tiles and channels
// beyond the end are zero. A lib gives `load_source`.

struct Params {
  // Width, height, depth of the doubled, blocks of four channels.
  input: vec4i,
  pads: vec4i,
  // Tiles of a slice, slices, images, and tiles along x.
  tiles: vec4i,
  // The first block of channels of such maps.
  first: i32,
  in_channels: i32,
  // Of maps that are joined on the way.
  joined: vec4i,
}

fn spread(a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> array<vec4f, 4> {
  return array<vec4f, 4>(4.0 * a - 5.0 * b + c, 2.0 * c - 8.0 * b, c - b, 4.0 * b - 5.0 * c + d);
}

@compute @workgroup_size(TILES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = params.first + i32(workgroup_id.x);
  let block = slab_begin() + i32(workgroup_id.y);
  let tile = tile_at(block, i32(lane), params.tiles.xyz);
  let is_there = tile.is_there & (c < params.input.w);
  let down = tile.place / params.tiles.w;
  let z = select(0, tile.z, is_there);
  let n = select(0, tile.n, is_there);
  let source = source_of(n, select(0, c, is_there));
  // The pixel before the first one is equal to it.
  let first = vec2i(tile.place - down * params.tiles.w, down) * 4 - params.pads.xy - 1;

  var columns: array<i32, 4>;
  var inside: array<bool, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let x = first.x + 2 * i;
    inside[i] = (x >= 0) & (x < params.input.x) & is_there;
    columns[i] = select(0, n * params.input.x + x, inside[i]);
  }
  var halves: array<vec4f, 16>;
  // @unroll
  for (var y = 0; y < 4; y++) {
    let row = first.y + 2 * y;
    let inside_y = (row >= 0) & (row < params.input.y);
    let source_row = clamp(row, 0, params.input.y - 1);
    var pixels: array<vec4f, 4>;
    // @unroll
    for (var x = 0; x < 4; x++) {
      pixels[x] = select(vec4f(), load_source(source, vec3i(columns[x], source_row, z)), inside[x] & inside_y);
    }
    let along = spread(pixels[0], pixels[1], pixels[2], pixels[3]);
    // @unroll
    for (var x = 0; x < 4; x++) {
      halves[y * 4 + x] = along[x];
    }
  }
  // @unroll
  for (var x = 0; x < 4; x++) {
    let points = spread(halves[x], halves[4 + x], halves[8 + x], halves[12 + x]);
    // @unroll
    for (var y = 0; y < 4; y++) {
      store_points((y * 4 + x) * TILES + i32(lane), i32(workgroup_id.x), block, points[y]);
    }
  }
}
