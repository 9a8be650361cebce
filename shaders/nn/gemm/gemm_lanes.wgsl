// Matrix product of packed panels, eight k per chunk: ROWS rows and half a panel of columns per workgroup of one subgroup, whose
// 8 lanes load the rows' texels one after the other and hand them round. The products are stored as by gemm_packed.wgsl.

const ROWS = 16; // @tune

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = flat_group(workgroup_id, num_workgroups);
  let halves = 2u * params.column_panels;
  let pair = group / halves;
  let half = group - pair * halves;
  let column_panel = half / 2u;
  let batch = pair / params.row_panels;
  let row_panel = pair - batch * params.row_panels;
  if (2u * batch >= length_batches()) { return; }
  let layer_a = i32(load_batches(2u * batch) * params.row_panels + row_panel);
  let layer_b = i32(load_batches(2u * batch + 1u) * params.column_panels + column_panel);
  let first = i32((half & 1u) * 16u + lane);

  let steps = loop_count(params.chunks, lane);
  var sums: array<vec4f, ROWS * 2>;
  for (var k = 0; k < steps; k++) {
    var held: array<vec4f, ROWS / 4>;
    // @unroll
    for (var i = 0; i < ROWS / 4; i++) {
      held[i] = load_a((k & 1) * 2 * ROWS + i * 8 + i32(lane), k >> 1u, layer_a);
    }
    var b: array<vec4f, 16>;
    // @unroll
    for (var i = 0; i < 8; i++) {
      b[2 * i] = load_b(first + i % 4 * 32, 2 * k + i / 4, layer_b);
      b[2 * i + 1] = load_b(first + i % 4 * 32 + 8, 2 * k + i / 4, layer_b);
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

  let layer = i32(batch * params.row_panels + row_panel);
  let column = i32(column_panel) * 32 + first;
  // @unroll
  for (var i = 0; i < ROWS * 2; i++) {
    store_products(column + i % 2 * 8, i / 2, layer, sums[i]);
  }
}
