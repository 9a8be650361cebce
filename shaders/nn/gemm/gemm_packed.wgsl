// Matrix product of packed panels: ROWS rows and four texels of columns per invocation, four k per chunk. The products are
// stored with their panels' overhang: one layer a panel of rows. gemm_finish.wgsl makes the result of them, as 64
// copies of the epilogue and its bounds here would take Mesa's compiler 15 seconds.

const ROWS = 16; // @tune

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = flat_group(workgroup_id, num_workgroups);
  let pair = group / params.column_panels;
  let column_panel = group - pair * params.column_panels;
  let batch = pair / params.row_panels;
  let row_panel = pair - batch * params.row_panels;
  if (2u * batch >= length_batches()) { return; }
  let layer_a = i32(load_batches(2u * batch) * params.row_panels + row_panel);
  let layer_b = i32(load_batches(2u * batch + 1u) * params.column_panels + column_panel);

  let steps = loop_count(params.chunks, lane);
  var sums: array<vec4f, ROWS * 4>;
  for (var k = 0; k < steps; k++) {
    var a: array<vec4f, ROWS>;
    // @unroll
    for (var r = 0; r < ROWS; r++) {
      a[r] = load_a((k & 3) * ROWS + r, k >> 2u, layer_a);
    }
    // @unroll
    for (var c = 0; c < 4; c++) {
      let b0 = load_b(c * 8 + i32(lane), k, layer_b);
      let b1 = load_b(c * 8 + i32(lane) + 32, k, layer_b);
      let b2 = load_b(c * 8 + i32(lane) + 64, k, layer_b);
      let b3 = load_b(c * 8 + i32(lane) + 96, k, layer_b);
      // @unroll
      for (var r = 0; r < ROWS; r++) {
        sums[r * 4 + c] += a[r].x * b0 + a[r].y * b1 + a[r].z * b2 + a[r].w * b3;
      }
    }
  }

  let layer = i32(batch * params.row_panels + row_panel);
  let column = i32(column_panel * 32u + lane);
  // @unroll
  for (var i = 0; i < ROWS * 4; i++) {
    store_products(column + i % 4 * 8, i / 4, layer, sums[i]);
  }
}
