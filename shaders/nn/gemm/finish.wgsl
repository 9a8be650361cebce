// What happens to an element of a product: alpha, beta * C, the steps, and its place in the result.
// A page that lists this has in its Params `alpha, beta: f32` and `rows, columns, c_row, c_column: u32`.
override HAS_C: u32 = 0u;
override HAS_ADDED: u32 = 0u;

fn result_index(batch: u32, row: u32, column: u32) -> u32 {
  return (batch * params.rows + row) * params.columns + column;
}

fn c_index(row: u32, column: u32) -> u32 {
  return row * params.c_row + column * params.c_column;
}

fn finished(sum: f32, c: f32, added: f32) -> f32 {
  return epilogue_steps_1(params.alpha * sum + params.beta * c, added);
}
