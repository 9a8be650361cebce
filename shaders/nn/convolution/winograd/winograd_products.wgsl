// For each of the 36 points of a tile the product of its channels and the weights: a block of tiles and TEXELS texels of output
// channels per workgroup of one subgroup, whose 8 lanes load a weight each and hand it round. Taps along z are chunks of
// the product.

const TEXELS = 4; // @tune
// Eighths of a block that hold tiles: fewer than 8 where there are fewer tiles than a block has.
const EIGHTHS = 8; // @tune
// 1 where there are taps along z.
const DEEP = 0; // @tune

struct Params {
  // Chunks of eight input channels.
  chunks: i32,
  // Taps along z, and zeros before the first slice.
  taps: i32,
  pad: i32,
  // Tiles of a slice; slices of the input and of the output.
  tiles: i32,
  depth: i32,
  out_depth: i32,
  // Blocks of tiles of the input; the one behind them is zero.
  blocks: i32,
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = i32(workgroup_id.x);
  let point = i32(workgroup_id.y);
  let block = slab_begin() + i32(workgroup_id.z);
  var sums: array<vec4f, EIGHTHS * TEXELS>;
  let taps = select(1, loop_count(params.taps, lane), DEEP == 1);
  let count = loop_count(params.chunks, lane);
  for (var kz = 0; kz < taps; kz++) {
    var columns: array<i32, EIGHTHS>;
    var layers: array<i32, EIGHTHS>;
    // @unroll
    for (var p = 0; p < EIGHTHS; p++) {
      let index = p * 8 + i32(lane);
      columns[p] = point * 64 + index;
      layers[p] = block;
      if (DEEP == 1) {
        let tile = block * 64 + index;
        let plane = tile / params.tiles;
        let n = plane / params.out_depth;
        let z = plane - n * params.out_depth + kz - params.pad;
        let source = tile + ((n * params.depth + z) - plane) * params.tiles;
        let inside = (z >= 0) & (z < params.depth);
        columns[p] = point * 64 + select(0, source & 63, inside);
        layers[p] = select(params.blocks, source >> 6u, inside);
      }
    }
    for (var chunk = 0; chunk < count; chunk++) {
      var held: array<vec4f, TEXELS>;
      // @unroll
      for (var i = 0; i < TEXELS; i++) {
        held[i] = load_weight(((kz * params.chunks + chunk) * TEXELS + i) * 8 + i32(lane), group, point);
      }
      var weights: array<vec4f, 8 * TEXELS>;
      // @unroll
      for (var i = 0; i < 8 * TEXELS; i++) {
        weights[i] = subgroupShuffle(held[i / 8], u32(i % 8));
      }
      // @unroll
      for (var p = 0; p < EIGHTHS; p++) {
        let a = load_points(columns[p], 2 * chunk, layers[p]);
        let b = load_points(columns[p], 2 * chunk + 1, layers[p]);
        // @unroll
        for (var t = 0; t < TEXELS; t++) {
          sums[p * TEXELS + t] += a.x * weights[t * 8] + a.y * weights[t * 8 + 1] + a.z * weights[t * 8 + 2]
            + a.w * weights[t * 8 + 3] + b.x * weights[t * 8 + 4] + b.y * weights[t * 8 + 5]
            + b.z * weights[t * 8 + 6] + b.w * weights[t * 8 + 7];
        }
      }
    }
  }
  // @unroll
  for (var p = 0; p < EIGHTHS; p++) {
    // @unroll
    for (var t = 0; t < TEXELS; t++) {
      store_products(point * 64 + p * 8 + i32(lane), group * TEXELS + t, block, sums[p * TEXELS + t]);
    }
  }
}
