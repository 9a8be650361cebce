// The function of one element; OP is the number of its name in unary_table.ts.
override OP: u32 = 0u;

fn sigmoid_of(x: f32) -> f32 {
  return 1.0 / (1.0 + exp_of(-x));
}

// log(1 + y) is 2 atanh(y / (2 + y)), which keeps the digits of a small y.
fn softplus_of(x: f32) -> f32 {
  let y = exp_of(-abs(x));
  return max(x, 0.0) + 2.0 * atanh_of(y / (2.0 + y));
}

// exp(x) - 1 for x below 0.
fn exponential_of(x: f32) -> f32 {
  return select(exp_of(x) - 1.0, x + 0.5 * x * x, abs(x) < 1e-3);
}

fn unary_value(x: f32, alpha: f32, beta: f32) -> f32 {
  switch OP {
    case 1u: { return abs(x); }
    case 2u: { return -x; }
    case 3u: { return select(sign(x), x, is_nan(x)); }
    case 4u: { return select(clamp(x, alpha, beta), x, is_nan(x)); }
    case 5u: { return floor(x); }
    case 6u: { return ceil(x); }
    case 7u: { return round(x); }
    case 8u: { return 1.0 / x; }
    case 9u: { return sqrt(x); }
    case 10u: { return exp_of(x); }
    case 11u: { return log_of(x); }
    case 12u: { return sin_of(x); }
    case 13u: { return cos_of(x); }
    case 14u: { return sin_of(x) / cos_of(x); }
    case 15u: { return asin_of(x); }
    case 16u: { return acos_of(x); }
    case 17u: { return atan_of(x); }
    case 18u: { return sinh_of(x); }
    case 19u: { return cosh_of(x); }
    case 20u: { return tanh_of(x); }
    case 21u: { return asinh_of(x); }
    case 22u: { return acosh_of(x); }
    case 23u: { return atanh_of(x); }
    case 24u: { return erf_of(x); }
    case 25u: { return select(max(x, 0.0), x, is_nan(x)); }
    case 26u: { return select(x, alpha * x, x < 0.0); }
    case 27u: { return select(x, alpha * exponential_of(min(x, 0.0)), x < 0.0); }
    case 28u: { return beta * select(x, alpha * exponential_of(min(x, 0.0)), x < 0.0); }
    case 29u: { return select(x, alpha * exponential_of(min(x / alpha, 0.0)), x < 0.0); }
    case 30u: { return select(0.0, x, x > alpha); }
    case 31u: { return sigmoid_of(x); }
    case 32u: { return select(clamp(alpha * x + beta, 0.0, 1.0), x, is_nan(x)); }
    case 33u: { return x * sigmoid_of(x); }
    case 34u: { return x * clamp(x / 6.0 + 0.5, 0.0, 1.0); }
    case 35u: { return softplus_of(x); }
    case 36u: { return x / (1.0 + abs(x)); }
    case 37u: { return x * tanh_of(softplus_of(x)); }
    case 38u: { return gelu_of(x); }
    case 39u: { return gelu_tanh_of(x); }
    case 43u: { return select(x, 0.0, is_infinite(x)); }
    default: { return x; }
  }
}
