// The function of two floats; OP is the number of its name in binary_table.ts. From 20 on they are comparisons.
override OP: u32 = 1u;

// The remainder of finite numbers; of an infinite divisor it is `end`.
fn remainder(a: f32, b: f32, quotient: f32, end: f32) -> f32 {
  return select(a - quotient * b, end, is_infinite(b) & !is_infinite(a));
}

fn binary_value(a: f32, b: f32) -> f32 {
  switch OP {
    case 1u: { return a + b; }
    case 2u: { return a - b; }
    case 3u: { return a * b; }
    case 4u: { return a / b; }
    case 5u: { return power_of(a, b); }
    case 6u: { return min_of(a, b); }
    case 7u: { return max_of(a, b); }
    case 8u: { return remainder(a, b, floor(a / b), select(a, b, (a != 0.0) & ((a < 0.0) != (b < 0.0)))); }
    case 9u: { return remainder(a, b, trunc(a / b), a); }
    case 10u: { return select(a, a * b, a < 0.0); }
    default: { return a; }
  }
}

fn binary_test(a: f32, b: f32) -> bool {
  switch OP {
    case 20u: { return a == b; }
    case 21u: { return a < b; }
    case 22u: { return a <= b; }
    case 23u: { return a > b; }
    case 24u: { return a >= b; }
    default: { return false; }
  }
}
