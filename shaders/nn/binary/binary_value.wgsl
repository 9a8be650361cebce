// The function of two floats; OP is the number of its name in binary_table.ts. From 20 on they are comparisons.
override OP: u32 = 1u;

fn floor_remainder(a: f32, b: f32) -> f32 {
  return a - floor(a / b) * b;
}

fn binary_value(a: f32, b: f32) -> f32 {
  switch OP {
    case 1u: { return a + b; }
    case 2u: { return a - b; }
    case 3u: { return a * b; }
    case 4u: { return a / b; }
    case 5u: { return power_of(a, b); }
    case 6u: { return min(a, b); }
    case 7u: { return max(a, b); }
    case 8u: { return floor_remainder(a, b); }
    case 9u: { return a - trunc(a / b) * b; }
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
