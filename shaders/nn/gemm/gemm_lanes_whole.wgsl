// Matrix product of packed panels, a part by each subgroup (see lane_tile.wgsl), from start to end: for results whose rows
// are whole texels. Others are left to gemm_finish.wgsl, as the bounds of 128 elements would take Mesa's compiler seconds.

struct Params {
  row_panels: u32,
  column_panels: u32,
  chunks: i32,
  alpha: f32,
  beta: f32,
  rows: u32,
  columns: u32,
  c_row: u32,
  c_column: u32,
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = lane_tile(flat_group(workgroup_id, num_workgroups), lane);
  if (2u * tile.batch >= length_batches()) { return; }
  let sums = lane_products(tile, lane);

  let first_row = tile.row_panel * u32(ROWS);
  // @unroll
  for (var i = 0; i < 2; i++) {
    let column = 4u * tile.column + u32(i) * 32u;
    if (column < params.columns) {
      var row_c = vec4f();
      if (HAS_C == 2u) { row_c = c_texel(0u, column); }
      // @unroll
      for (var r = 0; r < ROWS; r++) {
        let row = first_row + u32(r);
        if (row < params.rows) {
          let index = result_index(tile.batch, row, column);
          var c = row_c;
          if (HAS_C == 1u) { c = c_texel(row, column); }
          var added = vec4f();
          if (HAS_ADDED == 1u) { added = load_added(index / 4u); }
          store_y(index / 4u, epilogue_steps(params.alpha * sums[r * 2 + i] + params.beta * c, added));
        }
      }
    }
  }
}
