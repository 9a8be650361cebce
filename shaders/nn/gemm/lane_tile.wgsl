// The part of a product of packed panels that a subgroup of 8 lanes makes: ROWS rows and half a panel of columns, eight k per
// chunk. The lanes load the rows' texels one after the other and hand them round.
// A page that lists this has in its Params `row_panels, column_panels: u32` and `chunks: i32`.

const ROWS = 16; // @tune

struct LaneTile {
  batch: u32,
  row_panel: u32,
  // The lane's first texel of the result's row; its second one is 8 texels further on.
  column: u32,
  layer_a: i32,
  layer_b: i32,
  // The lane's first texel of the panel's row.
  first: i32,
}

// The tile of a workgroup, of which there may be more than batches.
fn lane_tile(group: u32, lane: u32) -> LaneTile {
  let halves = 2u * params.column_panels;
  let pair = group / halves;
  let half = group - pair * halves;
  let column_panel = half / 2u;
  let batch = pair / params.row_panels;
  let row_panel = pair - batch * params.row_panels;
  let first = (half & 1u) * 16u + lane;
  let held = min(2u * batch, length_batches() - 2u);
  let layer_a = load_batches(held) * params.row_panels + row_panel;
  let layer_b = load_batches(held + 1u) * params.column_panels + column_panel;
  return LaneTile(batch, row_panel, column_panel * 32u + first, i32(layer_a), i32(layer_b), i32(first));
}

// The lane's two texels of each row.
fn lane_products(tile: LaneTile, lane: u32) -> array<vec4f, ROWS * 2> {
  let steps = loop_count(params.chunks, lane);
  var sums: array<vec4f, ROWS * 2>;
  for (var k = 0; k < steps; k++) {
    var held: array<vec4f, ROWS / 4>;
    // @unroll
    for (var i = 0; i < ROWS / 4; i++) {
      held[i] = load_a((k & 1) * 2 * ROWS + i * 8 + i32(lane), k >> 1u, tile.layer_a);
    }
    var b: array<vec4f, 16>;
    // @unroll
    for (var i = 0; i < 8; i++) {
      b[2 * i] = load_b(tile.first + i % 4 * 32, 2 * k + i / 4, tile.layer_b);
      b[2 * i + 1] = load_b(tile.first + i % 4 * 32 + 8, 2 * k + i / 4, tile.layer_b);
    }
    // @unroll
    for (var r = 0; r < ROWS; r++) {
      let low = subgroupShuffle(held[r / 8], u32(r % 8));
      let high = subgroupShuffle(held[ROWS / 8 + r / 8], u32(r % 8));
      // @unroll
      for (var c = 0; c < 2; c++) {
        sums[r * 2 + c] += low.x * b[c] + low.y * b[2 + c] + low.z * b[4 + c] + low.w * b[6 + c]
          + high.x * b[8 + c] + high.y * b[10 + c] + high.z * b[12 + c] + high.w * b[14 + c];
      }
    }
  }
  return sums;
}
