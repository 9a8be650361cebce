// Matrix product of packed panels: ROWS rows and four texels of columns an invocation, four k a turn.

const ROWS = 16; // @tune

struct Params {
  alpha: f32,
  beta: f32,
  rows: u32,
  columns: u32,
  c_row: u32,
  c_column: u32,
  // Panels of one left and one right matrix, and turns of the loop.
  row_panels: u32,
  column_panels: u32,
  turns: i32,
}

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

  var sums: array<vec4f, ROWS * 4>;
  for (var k = 0; k < params.turns; k++) {
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

  // Rolled, on a copy: the sums themselves are indexed by constants only and stay in registers.
  var results = sums;
  let last = min(i32(params.rows - row_panel * ROWS), ROWS);
  for (var i = 0; i < last * 4; i++) {
    let row = row_panel * ROWS + u32(i) / 4u;
    let column = column_panel * 128u + (u32(i) % 4u * 8u + lane) * 4u;
    let value = results[i];
    // @unroll
    for (var j = 0; j < 4; j++) {
      if (column + u32(j) < params.columns) { finish(batch, row, column + u32(j), value[j]); }
    }
  }
}
