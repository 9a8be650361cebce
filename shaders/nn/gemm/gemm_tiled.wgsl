// Matrix product for GPUs: a workgroup makes 64x64 elements from tiles in its memory, an invocation 4x4 of them.

struct Params {
  alpha: f32,
  beta: f32,
  rows: u32,
  columns: u32,
  c_row: u32,
  c_column: u32,
  depth: u32,
  a_row: u32,
  a_k: u32,
  a_batch: u32,
  b_k: u32,
  b_column: u32,
  b_batch: u32,
  // Tiles of one matrix.
  tiles_down: u32,
  tiles_across: u32,
}

var<workgroup> tile_a: array<f32, 1024>;
var<workgroup> tile_b: array<f32, 1024>;

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = flat_group(workgroup_id, num_workgroups);
  let pair = group / params.tiles_across;
  let first_column = (group - pair * params.tiles_across) * 64u;
  let batch = min(pair / params.tiles_down, length_batches() / 2u - 1u);
  let first_row = (pair % params.tiles_down) * 64u;
  let a = load_batches(2u * batch) * params.a_batch;
  let b = load_batches(2u * batch + 1u) * params.b_batch;
  let x = lane % 16u;
  let y = lane / 16u;

  var sums: array<vec4f, 4>;
  for (var k = 0u; k < params.depth; k += 16u) {
    // @unroll
    for (var i = 0; i < 4; i++) {
      // The left tile as [k][row], the right one as [k][column]; zero beyond the matrices.
      let row = first_row + y + u32(i) * 16u;
      let k_a = k + x;
      let value_a = load_a(a + min(row, params.rows - 1u) * params.a_row + min(k_a, params.depth - 1u) * params.a_k);
      tile_a[x * 64u + y + u32(i) * 16u] = select(0.0, value_a, k_a < params.depth);
      let column = first_column + x + u32(i) * 16u;
      let k_b = k + y;
      let value_b = load_b(
        b + min(k_b, params.depth - 1u) * params.b_k + min(column, params.columns - 1u) * params.b_column);
      tile_b[y * 64u + x + u32(i) * 16u] = select(0.0, value_b, k_b < params.depth);
    }
    workgroupBarrier();
    for (var j = 0; j < 16; j++) {
      let row = vec4f(
        tile_b[u32(j) * 64u + x], tile_b[u32(j) * 64u + x + 16u],
        tile_b[u32(j) * 64u + x + 32u], tile_b[u32(j) * 64u + x + 48u]);
      // @unroll
      for (var i = 0; i < 4; i++) {
        sums[i] += tile_a[u32(j) * 64u + y + u32(i) * 16u] * row;
      }
    }
    workgroupBarrier();
  }

  if (pair / params.tiles_down > batch) { return; }
  // Rolled, on a copy: sixteen copies of the epilogue would take software compilers seconds.
  var results = sums;
  for (var i = 0u; i < 16u; i++) {
    let row = first_row + y + i / 4u * 16u;
    let column = first_column + x + i % 4u * 16u;
    if ((row < params.rows) & (column < params.columns)) {
      let index = result_index(batch, row, column);
      var c = 0.0;
      if (HAS_C > 0u) { c = load_c(c_index(row, column)); }
      var added = 0.0;
      if (HAS_ADDED == 1u) { added = load_added(index); }
      store_y(index, finished(results[i / 4u][i % 4u], c, added));
    }
  }
}
