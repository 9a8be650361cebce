// From the products of panels to the result.

const ROWS = 16; // @tune

struct Params {
  alpha: f32,
  beta: f32,
  rows: u32,
  columns: u32,
  c_row: u32,
  c_column: u32,
  row_panels: u32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let batch = id.z / params.row_panels;
  let row = (id.z - batch * params.row_panels) * ROWS + id.y;
  let column = id.x * 4u;
  if ((row >= params.rows) | (column >= params.columns)) { return; }
  let value = load_products(i32(id.x), i32(id.y), i32(id.z));
  // @unroll
  for (var j = 0; j < 4; j++) {
    let at = column + u32(j);
    if (at < params.columns) {
      let index = result_index(batch, row, at);
      var c = 0.0;
      if (HAS_C > 0u) { c = load_c(c_index(row, at)); }
      var added = 0.0;
      if (HAS_ADDED == 1u) { added = load_added(index); }
      store_y(index, finished(value[j], c, added));
    }
  }
}
