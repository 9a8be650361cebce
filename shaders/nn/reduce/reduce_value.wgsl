// What a reduction does to its elements before it combines them, how it combines them, and what it makes of the result.

// 0 sum, 1 product, 2 greatest, 3 least.
override COMBINE: u32 = 0u;
// 0 nothing, 1 square, 2 magnitude.
override BEFORE: u32 = 0u;
// 0 nothing, 1 square root, 2 logarithm, 3 divide by the number of elements, 4 both this and the root.
override AFTER: u32 = 0u;

fn before(x: f32) -> f32 {
  return select(select(x, x * x, BEFORE == 1u), abs(x), BEFORE == 2u);
}

fn combine(a: f32, b: f32) -> f32 {
  switch COMBINE {
    case 1u: { return a * b; }
    case 2u: { return max_of(a, b); }
    case 3u: { return min_of(a, b); }
    default: { return a + b; }
  }
}

// Leaves `total` as it is where `counts` is false.
fn combine_if(total: f32, x: f32, counts: bool) -> f32 {
  return select(total, combine(total, x), counts);
}

fn after(x: f32, elements: f32) -> f32 {
  switch AFTER {
    case 1u: { return sqrt(x); }
    case 2u: { return log_of(x); }
    case 3u: { return x / elements; }
    case 4u: { return sqrt(x / elements); }
    default: { return x; }
  }
}
