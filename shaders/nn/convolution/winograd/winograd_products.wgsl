// For each of the 36 points of a tile the product of its channels and the weights: a block of tiles and TEXELS texels of output
// channels per workgroup of one subgroup, whose 8 lanes load a weight each and hand it round. Taps along z are chunks of
// the product. One loop goes through all of them: a loop around a loop would cost a tenth.

const TEXELS = 4; // @tune
// 1 where some maps are doubled and have 16 points (see `winograd_input_doubled.wgsl`), each of which stands for one or more.
const DOUBLED = 0; // @tune

struct Params {
  // Chunks of eight input channels, times the taps along z.
  steps: i32,
  // Taps along z, and zeros before the first slice.
  taps: i32,
  pad: i32,
  // Blocks across a slice, and blocks of slices of the input and of the output.
  across: i32,
  depth: i32,
  depths: i32,
  out_depths: i32,
  // Blocks of tiles of the input; the one behind them is zero.
  blocks: i32,
  // The first chunk of the points, and where those of doubled maps begin and how many there are.
  first: i32,
  doubled: vec2i,
}

fn weights_of(step: i32, group: i32, point: i32, lane: u32) -> array<vec4f, 8 * TEXELS> {
  var held: array<vec4f, TEXELS>;
  // @unroll
  for (var i = 0; i < TEXELS; i++) {
    held[i] = load_weight((step * TEXELS + i) * 8 + i32(lane), group, point);
  }
  var weights: array<vec4f, 8 * TEXELS>;
  // @unroll
  for (var i = 0; i < 8 * TEXELS; i++) {
    weights[i] = subgroupShuffle(held[i / 8], u32(i % 8));
  }
  return weights;
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = i32(workgroup_id.x);
  let point = i32(workgroup_id.y);
  let block = slab_begin() + i32(workgroup_id.z);
  var sums: array<vec4f, EIGHTHS * TEXELS>;
  let first_column = point * TILES + i32(lane);
  // The first slice that an output of the lane sees, where its tile lies in slices, and the block of the image's first slices.
  let stride = params.across;
  let slices = block / stride;
  let n = slices / params.out_depths;
  let first_z = (slices - n * params.out_depths) * SLICES - params.pad + i32(lane) / WIDE;
  let first_place = point * TILES + (i32(lane) & (WIDE - 1));
  let first_block = n * params.depths * stride + block - slices * stride;
  let depth = params.depth;
  let zeros = params.blocks;
  let taps = params.taps;
  if (DOUBLED == 1) {
    let row = point / 6;
    let place = vec2i(point - row * 6, row);
    let column = doubled_point(place) * TILES + i32(lane);
    // The third points along either axis are zero.
    let chunks = loop_count(select(params.doubled.y, 0, any(place == vec2i(2))), lane);
    for (var c = 0; c < chunks; c++) {
      let weights = weights_of(params.doubled.x + c, group, point, lane);
      // @unroll
      for (var p = 0; p < EIGHTHS; p++) {
        let a = load_doubled(column + p * 8, 2 * c, block);
        let b = load_doubled(column + p * 8, 2 * c + 1, block);
        // @unroll
        for (var t = 0; t < TEXELS; t++) {
          sums[p * TEXELS + t] += a.x * weights[t * 8] + a.y * weights[t * 8 + 1] + a.z * weights[t * 8 + 2]
            + a.w * weights[t * 8 + 3] + b.x * weights[t * 8 + 4] + b.y * weights[t * 8 + 5]
            + b.z * weights[t * 8 + 6] + b.w * weights[t * 8 + 7];
        }
      }
    }
  }
  var chunk = 0;
  var kz = 0;
  let first_step = params.first * taps;
  let steps = loop_count(params.steps, lane);
  for (var step = 0; step < steps; step++) {
    let weights = weights_of(first_step + step, group, point, lane);
    // @unroll
    for (var p = 0; p < EIGHTHS; p++) {
      let z = u32(first_z + p * (8 / WIDE) + kz);
      let inside = (DEEP == 0) | (z < u32(depth));
      let source_block = select(first_block + i32(z / u32(SLICES)) * stride, block, DEEP == 0);
      let column = select(first_place + i32(z % u32(SLICES)) * WIDE, first_column + p * 8, DEEP == 0);
      let layer = select(zeros, source_block, inside);
      let a = load_points(column, 2 * chunk, layer);
      let b = load_points(column, 2 * chunk + 1, layer);
      // @unroll
      for (var t = 0; t < TEXELS; t++) {
        sums[p * TEXELS + t] += a.x * weights[t * 8] + a.y * weights[t * 8 + 1] + a.z * weights[t * 8 + 2]
          + a.w * weights[t * 8 + 3] + b.x * weights[t * 8 + 4] + b.y * weights[t * 8 + 5]
          + b.z * weights[t * 8 + 6] + b.w * weights[t * 8 + 7];
      }
    }
    let is_last = kz + 1 >= taps;
    chunk += select(0, 1, is_last);
    kz = select(kz + 1, 0, is_last);
  }
  // @unroll
  for (var t = 0; t < TEXELS; t++) {
    // @unroll
    for (var p = 0; p < EIGHTHS; p++) {
      store_products(product_column(point, p * 8 + i32(lane)), group * TEXELS + t, block, sums[p * TEXELS + t]);
    }
  }
}
