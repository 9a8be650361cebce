// The left matrix in panels of ROWS rows: a texel has four neighboring elements along k of one row; a panel's rows lie
// side by side, four such columns in a row of texels. One layer per panel; zero beyond the matrix.

const ROWS = 16; // @tune

struct Params {
  rows: u32,
  depth: u32,
  // Distance between neighboring rows, elements along k, and matrices.
  row_stride: u32,
  k_stride: u32,
  batch_stride: u32,
  // Panels of one matrix.
  panels: u32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at.xy >= size_packed().xy)) { return; }
  let batch = id.z / params.panels;
  let row = (id.z - batch * params.panels) * ROWS + id.x % u32(ROWS);
  let k = (id.y * 4u + id.x / ROWS) * 4u;
  let first = batch * params.batch_stride + min(row, params.rows - 1u) * params.row_stride;
  var value = vec4f();
  // @unroll
  for (var lane = 0; lane < 4; lane++) {
    let inside = (row < params.rows) & (k + u32(lane) < params.depth);
    value[lane] = select(0.0, load_a(first + min(k + u32(lane), params.depth - 1u) * params.k_stride), inside);
  }
  store_packed(at.x, at.y, at.z, value);
}
