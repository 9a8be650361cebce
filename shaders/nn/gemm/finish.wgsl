// What happens to an element of a product: alpha, beta * C, the steps, and its place in the result.
// A page that lists this has in its Params `alpha, beta: f32` and `rows, columns, c_row, c_column: u32`.
override HAS_C: u32 = 0u;
override HAS_ADDED: u32 = 0u;

fn finish(batch: u32, row: u32, column: u32, sum: f32) {
  let index = (batch * params.rows + row) * params.columns + column;
  var value = params.alpha * sum;
  if (HAS_C == 1u) { value += params.beta * load_c(row * params.c_row + column * params.c_column); }
  var added = 0.0;
  if (HAS_ADDED == 1u) { added = load_added(index); }
  store_y(index, then_steps_1(value, added));
}
