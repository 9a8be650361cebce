// Numbers of twice the precision of f32, as unevaluated sums (x + y, |y| at most half a unit of x): T. J. Dekker,
// Numerische Mathematik 18, 1971. Drivers round each operation for itself, but Mesa takes (a + b) - b for a: what would
// be folded goes through `held` first.

// A finite number, in a form that no compiler takes for what it was computed from.
fn held(x: f32) -> f32 {
  return min(x, 3.4028234e38);
}

// a + b exactly.
fn double_sum(a: f32, b: f32) -> vec2f {
  let sum = held(a + b);
  let part = held(sum - a);
  return vec2f(sum, (a - held(sum - part)) + (b - part));
}

// a * b exactly, below 1e34.
fn double_product(a: f32, b: f32) -> vec2f {
  let wide_a = 4097.0 * a;
  let wide_b = 4097.0 * b;
  let high_a = wide_a - held(wide_a - a);
  let high_b = wide_b - held(wide_b - b);
  let low_a = a - high_a;
  let low_b = b - high_b;
  let product = held(a * b);
  return vec2f(product, ((high_a * high_b - product) + high_a * low_b + low_a * high_b) + low_a * low_b);
}

fn double_add(a: vec2f, b: vec2f) -> vec2f {
  let sum = double_sum(a.x, b.x);
  return double_sum(sum.x, sum.y + (a.y + b.y));
}

fn double_scale(a: vec2f, factor: f32) -> vec2f {
  let product = double_product(a.x, factor);
  return double_sum(product.x, product.y + a.y * factor);
}

fn double_less(a: vec2f, b: vec2f) -> bool {
  return (a.x < b.x) | ((a.x == b.x) & (a.y < b.y));
}
