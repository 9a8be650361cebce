// The products of `winograd_products.wgsl` where a block has few tiles, so that weights would be loaded and handed round for few
// products each: here lanes are blocks of output channels, and what they hand round is the points of a tile. A workgroup of
// one subgroup takes TEXELS blocks of output channels a lane and the first USED tiles of a block.

const TEXELS = 4; // @tune
const USED = 16; // @tune
// 1 where some maps are doubled and have 16 points (see `winograd_input_doubled.wgsl`), each of which stands for one or more.
const DOUBLED = 0; // @tune
// Eighths of a block that have tiles.
const HELD = (USED + 7) / 8;

struct Params {
  // Chunks of eight input channels: all, and those that are not of doubled maps.
  chunks: i32,
  steps: i32,
  // The first chunk of the points, and where those of doubled maps begin and how many there are.
  first: i32,
  doubled: vec2i,
}

// Adds the products of one chunk; a lane holds the points of every eighth tile, of four channels and of the next four.
fn add_chunk(
  sums: ptr<function, array<vec4f, USED * TEXELS>>, held: array<vec4f, 2 * HELD>, row: i32, point: i32, lane: i32
) {
  // @unroll
  for (var half = 0; half < 2; half++) {
    var weights: array<vec4f, 4 * TEXELS>;
    // @unroll
    for (var i = 0; i < 4 * TEXELS; i++) {
      weights[i] = load_weight((half * 4 * TEXELS + i) * 8 + lane, row, point);
    }
    // @unroll
    for (var tile = 0; tile < USED; tile++) {
      let a = subgroupShuffle(held[half * HELD + tile / 8], u32(tile % 8));
      // @unroll
      for (var t = 0; t < TEXELS; t++) {
        (*sums)[tile * TEXELS + t] += a.x * weights[t] + a.y * weights[TEXELS + t] + a.z * weights[2 * TEXELS + t]
          + a.w * weights[3 * TEXELS + t];
      }
    }
  }
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = i32(workgroup_id.x);
  let point = i32(workgroup_id.y);
  let block = slab_begin() + i32(workgroup_id.z);
  let first_row = group * params.chunks;
  var sums: array<vec4f, USED * TEXELS>;
  if (DOUBLED == 1) {
    let row = point / 6;
    let place = vec2i(point - row * 6, row);
    let column = doubled_point(place) * TILES + i32(lane);
    // The third points along either axis are zero.
    let count = loop_count(select(params.doubled.y, 0, any(place == vec2i(2))), lane);
    for (var c = 0; c < count; c++) {
      var held: array<vec4f, 2 * HELD>;
      // @unroll
      for (var i = 0; i < 2 * HELD; i++) {
        held[i] = load_doubled(column + i % HELD * 8, 2 * c + i / HELD, block);
      }
      add_chunk(&sums, held, first_row + params.doubled.x + c, point, i32(lane));
    }
  }
  let column = point * TILES + i32(lane);
  let steps = loop_count(params.steps, lane);
  for (var c = 0; c < steps; c++) {
    var held: array<vec4f, 2 * HELD>;
    // @unroll
    for (var i = 0; i < 2 * HELD; i++) {
      held[i] = load_points(column + i % HELD * 8, 2 * c + i / HELD, block);
    }
    add_chunk(&sums, held, first_row + params.first + c, point, i32(lane));
  }
  // @unroll
  for (var t = 0; t < TEXELS; t++) {
    // @unroll
    for (var tile = 0; tile < USED; tile++) {
      store_products(product_column(point, tile), (group * TEXELS + t) * 8 + i32(lane), block, sums[tile * TEXELS + t]);
    }
  }
}
