// What happens to an element of a product: alpha, beta * C, the steps, and its place in the result.
// A page that lists this has in its Params `alpha, beta: f32` and `rows, columns, c_row, c_column: u32`.

// 0: there is no C. 1: there is. 2: there is, and all its rows are the same.
override HAS_C: u32 = 0u;
override HAS_ADDED: u32 = 0u;

fn result_index(batch: u32, row: u32, column: u32) -> u32 {
  return (batch * params.rows + row) * params.columns + column;
}

fn c_index(row: u32, column: u32) -> u32 {
  return row * params.c_row + column * params.c_column;
}

// Four neighbors in a row of C.
fn c_texel(row: u32, column: u32) -> vec4f {
  return vec4f(
    load_c(c_index(row, column)),
    load_c(c_index(row, column + 1u)),
    load_c(c_index(row, column + 2u)),
    load_c(c_index(row, column + 3u)),
  );
}

fn finished(sum: f32, c: f32, added: f32) -> f32 {
  return epilogue_steps_1(params.alpha * sum + params.beta * c, added);
}
