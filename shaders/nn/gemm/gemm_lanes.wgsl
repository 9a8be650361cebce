// Matrix product of packed panels, a part by each subgroup (see lane_tile.wgsl). The products are stored as by
// gemm_packed.wgsl.

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tile = lane_tile(flat_group(workgroup_id, num_workgroups), lane);
  if (2u * tile.batch >= length_batches()) { return; }
  let sums = lane_products(tile, lane);
  let layer = i32(tile.batch * params.row_panels + tile.row_panel);
  // @unroll
  for (var i = 0; i < ROWS * 2; i++) {
    store_products(i32(tile.column) + i % 2 * 8, i / 2, layer, sums[i]);
  }
}
