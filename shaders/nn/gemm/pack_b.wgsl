// The right matrix in panels of 128 columns: a texel has four neighboring columns of one k; a row of texels has four k,
// each as four groups of eight texels, one per lane of the product's workgroup. One layer per panel; zero beyond the matrix.

struct Params {
  columns: u32,
  depth: u32,
  // Distance between neighboring elements along k, columns, and matrices.
  k_stride: u32,
  column_stride: u32,
  batch_stride: u32,
  // Panels of one matrix.
  panels: u32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at.xy >= size_packed().xy)) { return; }
  let batch = id.z / params.panels;
  let column = (id.z - batch * params.panels) * 128u + id.x % 32u * 4u;
  let k = id.y * 4u + id.x / 32u;
  let first = batch * params.batch_stride + min(k, params.depth - 1u) * params.k_stride;
  var value = vec4f();
  // @unroll
  for (var lane = 0; lane < 4; lane++) {
    let inside = (k < params.depth) & (column + u32(lane) < params.columns);
    let from_column = min(column + u32(lane), params.columns - 1u);
    value[lane] = select(0.0, load_b(first + from_column * params.column_stride), inside);
  }
  store_packed(at.x, at.y, at.z, value);
}
