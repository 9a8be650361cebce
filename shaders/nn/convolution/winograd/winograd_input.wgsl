// 6x6 pixels of each tile of 4x4 outputs as products want them: B' d B, one tile and one block of channels per invocation.
// Tiles and channels beyond the end are zero. A lib gives `load_source`.

struct Params {
  // Width, height, depth, blocks of four channels.
  input: vec4i,
  pads: vec4i,
  // Tiles of a slice, slices, images, and tiles along x.
  tiles: vec4i,
  // The first block of channels of maps whose points lie here.
  first: i32,
  in_channels: i32,
  // Of maps that are joined on the way.
  joined: vec4i,
}

// A row or column of B' d.
fn spread(d: array<vec4f, 6>) -> array<vec4f, 6> {
  let a = d[4] - 4.0 * d[2];
  let b = d[3] - 4.0 * d[1];
  let c = d[4] - d[2];
  let e = 2.0 * (d[3] - d[1]);
  return array<vec4f, 6>(
    4.0 * d[0] - 5.0 * d[2] + d[4],
    a + b,
    a - b,
    c + e,
    c - e,
    4.0 * d[1] - 5.0 * d[3] + d[5],
  );
}

// Three of the six numbers that a row of B' d gives: the first ones, or the last.
fn half_spread(d: array<vec4f, 6>, last: bool) -> array<vec4f, 3> {
  let factors = select(vec3f(4.0, 1.0, 4.0), vec3f(1.0, 2.0, 1.0), last);
  let a = d[4] - factors.x * d[2];
  let b = factors.y * (d[3] - factors.z * d[1]);
  let far = select(4.0 * d[0] - 5.0 * d[2] + d[4], 4.0 * d[1] - 5.0 * d[3] + d[5], last);
  return array<vec4f, 3>(select(far, a + b, last), select(a + b, a - b, last), select(a - b, far, last));
}

@compute @workgroup_size(TILES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row_of_points = i32(workgroup_id.x) / 2;
  let c = params.first + row_of_points;
  let last = (workgroup_id.x & 1u) == 1u;
  let first_point = select(0, 3, last);
  let block = slab_begin() + i32(workgroup_id.y);
  let tile = tile_at(block, i32(lane), params.tiles.xyz);
  let is_there = tile.is_there & (c < params.input.w);
  let down = tile.place / params.tiles.w;
  let z = select(0, tile.z, is_there);
  let source = source_of(select(0, tile.n, is_there), select(0, c, is_there));
  let first = vec2i(tile.place - down * params.tiles.w, down) * 4 - params.pads.xy;

  var columns: array<i32, 6>;
  var inside: array<bool, 6>;
  // @unroll
  for (var i = 0; i < 6; i++) {
    let x = first.x + i;
    inside[i] = (x >= 0) & (x < params.input.x) & is_there;
    columns[i] = select(0, tile.n * params.input.x + x, inside[i]);
  }
  var halves: array<vec4f, 18>;
  // @unroll
  for (var y = 0; y < 6; y++) {
    let row = first.y + y;
    let inside_y = (row >= 0) & (row < params.input.y);
    let source_row = clamp(row, 0, params.input.y - 1);
    var pixels: array<vec4f, 6>;
    // @unroll
    for (var x = 0; x < 6; x++) {
      pixels[x] = select(vec4f(), load_source(source, vec3i(columns[x], source_row, z)), inside[x] & inside_y);
    }
    let along = half_spread(pixels, last);
    // @unroll
    for (var x = 0; x < 3; x++) {
      halves[y * 3 + x] = along[x];
    }
  }
  // @unroll
  for (var x = 0; x < 3; x++) {
    let points = spread(array<vec4f, 6>(halves[x], halves[3 + x], halves[6 + x], halves[9 + x], halves[12 + x], halves[15 + x]));
    // @unroll
    for (var y = 0; y < 6; y++) {
      store_points((y * 6 + x + first_point) * TILES + i32(lane), row_of_points, block, points[y]);
    }
  }
}
