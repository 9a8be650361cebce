// The 4x4 outputs of each tile from the products at its 36 points: A' m A, one tile and one block of channels an
// invocation. A tile that saw infinity or NaN is computed from the definition, as sums and differences of points would
// spread them over all its outputs. A lib gives `load_source`.

// 1 where every place of every block has a tile and all its outputs are there. Stores without a condition are faster.
const WHOLE = 0; // @tune

struct Params {
  // Width, height, depth, blocks of four channels.
  input: vec4i,
  output: vec4i,
  pads: vec4i,
  // Tiles of a slice, slices, images, and tiles along x.
  tiles: vec4i,
  taps: i32,
  in_channels: i32,
  channels: i32,
  // Distance between neighboring channels in the weights.
  out_stride: u32,
  in_stride: u32,
  // Of maps that are joined on the way.
  joined: vec4i,
}

// A row or column of A' m.
fn gathered(m: array<vec4f, 6>) -> array<vec4f, 4> {
  let a = m[1] + m[2];
  let b = m[1] - m[2];
  let c = m[3] + m[4];
  let d = m[3] - m[4];
  return array<vec4f, 4>(m[0] + a + c, b + 2.0 * d, a + 4.0 * c, b + 8.0 * d + m[5]);
}

// One output pixel of four channels from the definition.
fn defined(at: vec3i, n: i32, block: i32, lane: u32) -> vec4f {
  let taps = loop_count(params.taps, lane);
  let blocks = loop_count(params.input.w, lane);
  let lanes = vec4u(4u * u32(block)) + vec4u(0u, 1u, 2u, 3u);
  let rows = min(lanes, vec4u(u32(params.channels) - 1u)) * params.out_stride;
  var sum = vec4f();
  for (var kz = 0; kz < taps; kz++) {
    for (var ky = 0; ky < 3; ky++) {
      for (var c = 0; c < blocks; c++) {
        // @unroll
        for (var kx = 0; kx < 3; kx++) {
          let place = at + vec3i(kx, ky, kz) - params.pads.xyz;
          let inside = all((place >= vec3i(0)) & (place < params.input.xyz));
          let at = clamp(place, vec3i(0), params.input.xyz - 1) + vec3i(n * params.input.x, 0, 0);
          let pixel = load_source(source_of(n, c), at);
          let value = select(vec4f(), pixel, inside);
          // @unroll
          for (var j = 0; j < 4; j++) {
            let channel = 4 * c + j;
            let first = u32(min(channel, params.in_channels - 1)) * params.in_stride + u32((kz * 3 + ky) * 3 + kx);
            let weight = vec4f(
              load_weight(rows.x + first),
              load_weight(rows.y + first),
              load_weight(rows.z + first),
              load_weight(rows.w + first),
            );
            sum += select(vec4f(), value[j] * weight, channel < params.in_channels);
          }
        }
      }
    }
  }
  return sum;
}

fn is_broken(value: vec4f) -> bool {
  return any((bitcast<vec4u>(value) & vec4u(0x7f800000u)) == vec4u(0x7f800000u));
}

// Ends a sum and stores it. It is called where loops are expanded: naga then translates it once, not for every pixel.
fn store_result(x: i32, y: i32, layer: i32, block: i32, sum: vec4f) {
  var added = vec4f();
  if (HAS_ADDED == 1u) {
    added = load_added(x, y, layer);
  }
  store_y(x, y, layer, within_channels(epilogue_steps(sum, added), 4 * block, params.channels));
}

@compute @workgroup_size(TILES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = slab_begin() + i32(workgroup_id.x);
  let tile_block = i32(workgroup_id.y);
  let tile = tile_at(tile_block, i32(lane), params.tiles.xyz);
  if (WHOLE == 0) {
    if (!tile.is_there) { return; }
  }
  let n = tile.n;
  let z = tile.z;
  let down = tile.place / params.tiles.w;
  let x0 = (tile.place - down * params.tiles.w) * 4;
  let y0 = down * 4;

  var halves: array<vec4f, 24>;
  // @unroll
  for (var x = 0; x < 6; x++) {
    var points: array<vec4f, 6>;
    // @unroll
    for (var y = 0; y < 6; y++) {
      points[y] = load_products(product_column(y * 6 + x, i32(lane)), block, tile_block);
    }
    let along = gathered(points);
    // @unroll
    for (var y = 0; y < 4; y++) {
      halves[y * 6 + x] = along[y];
    }
  }
  var results: array<vec4f, 16>;
  var total = vec4f();
  // @unroll
  for (var y = 0; y < 4; y++) {
    let row = gathered(array<vec4f, 6>(halves[y * 6], halves[y * 6 + 1], halves[y * 6 + 2], halves[y * 6 + 3], halves[y * 6 + 4], halves[y * 6 + 5]));
    // @unroll
    for (var x = 0; x < 4; x++) {
      results[y * 4 + x] = row[x];
      total += abs(row[x]);
    }
  }

  var bias = vec4f();
  if (HAS_BIAS == 1u) { bias = bias_at(block); }
  let layer = block * params.output.z + z;
  let column = n * params.output.x + x0;
  // @unroll
  for (var i = 0; i < 16; i++) {
    if (WHOLE == 1) {
      store_result(column + i % 4, y0 + i / 4, layer, block, results[i] + bias);
    } else if ((x0 + i % 4 < params.output.x) & (y0 + i / 4 < params.output.y)) {
      store_result(column + i % 4, y0 + i / 4, layer, block, results[i] + bias);
    }
  }
  if (is_broken(total)) {
    for (var i = 0; i < 16; i++) {
      let x = x0 + i % 4;
      let y = y0 + i / 4;
      if ((x < params.output.x) & (y < params.output.y)) {
        store_result(column + i % 4, y, layer, block, defined(vec3i(x, y, z), n, block, lane) + bias);
      }
    }
  }
}
