// Elementary functions to about one unit in the last place. Drivers' own are poorer: SwiftShader's exp is off by up to
// 61 units, its log by 5e-7 near 1, its sin and cos by 2e-4. Polynomials after Cephes (S. Moshier), erf after N. Juffa.
// NaN gives NaN; drivers fold x != x, so bits tell.

fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn is_infinite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u;
}

// A bit pattern as a float that no compiler folds, so that infinity and NaN are allowed; x is any number.
fn pattern(x: f32, bits: u32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0u) | bits);
}

// The greater one, and NaN where one is NaN, which drivers' max leaves out.
fn max_of(a: f32, b: f32) -> f32 {
  return select(select(max(a, b), b, is_nan(b)), a, is_nan(a));
}

fn min_of(a: f32, b: f32) -> f32 {
  return select(select(min(a, b), b, is_nan(b)), a, is_nan(a));
}

fn sign_of(x: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x80000000u) | 0x3f800000u);
}

fn power_of_two(n: i32) -> f32 {
  return bitcast<f32>((n + 127) << 23u);
}

fn exp_of(x: f32) -> f32 {
  let limited = clamp(x, -104.0, 89.0);
  let n = round(limited * 1.44269504);
  let r = (limited - n * 0.693359375) + n * 2.12194440e-4;
  let p = ((((1.9875691500e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r
    + 1.6666665459e-1) * r + 5.0000001201e-1;
  // Two factors: 2^n itself may exceed f32 where the product doesn't.
  let half = i32(n) / 2;
  let value = (p * r * r + r + 1.0) * power_of_two(half) * power_of_two(i32(n) - half);
  return select(value, x, is_nan(x));
}

fn log_of(x: f32) -> f32 {
  // Denormals are scaled up, as some drivers flush them.
  let small = x < 1.17549435e-38;
  let bits = bitcast<u32>(select(x, x * 16777216.0, small));
  // The exponent such that the mantissa lies in [sqrt(1/2), sqrt(2)).
  let shifted = bits - 0x3f3504f3u;
  let e = f32(bitcast<i32>(shifted) >> 23u) - select(0.0, 24.0, small);
  let m = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0;
  let z = m * m;
  let p = ((((((((7.0376836292e-2 * m - 1.1514610310e-1) * m + 1.1676998740e-1) * m - 1.2420140846e-1) * m
    + 1.4249322787e-1) * m - 1.6668057665e-1) * m + 2.0000714765e-1) * m - 2.4999993993e-1) * m + 3.3333331174e-1);
  let value = (p * m * z + e * -2.12194440e-4 - 0.5 * z) + m + e * 0.693359375;
  let infinite = select(value, x, is_infinite(x));
  let zero = select(infinite, pattern(x, 0xff800000u), x == 0.0);
  return select(zero, pattern(x, 0x7fc00000u), (x < 0.0) | is_nan(x));
}

fn tanh_of(x: f32) -> f32 {
  let z = x * x;
  let p = ((((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z + 1.33314422036e-1) * z
    - 3.33332819422e-1) * z * x + x;
  let far = sign_of(x) * (1.0 - 2.0 / (exp_of(min(2.0 * abs(x), 40.0)) + 1.0));
  return select(select(far, p, abs(x) < 0.625), x, is_nan(x));
}

fn sinh_of(x: f32) -> f32 {
  let z = x * x;
  let p = ((2.03721912945e-4 * z + 8.33028376239e-3) * z + 1.66667160211e-1) * z * x + x;
  // exp(|x| / 2) twice: exp(|x|) may exceed f32 where half of it doesn't.
  let root = exp_of(0.5 * abs(x));
  let far = sign_of(x) * (0.5 * root * root - 0.5 / (root * root));
  return select(far, p, abs(x) < 1.0);
}

fn cosh_of(x: f32) -> f32 {
  let root = exp_of(0.5 * abs(x));
  return 0.5 * root * root + 0.5 / (root * root);
}

fn asinh_of(x: f32) -> f32 {
  let z = x * x;
  let p = (((2.0122003309e-2 * z - 4.2699340972e-2) * z + 7.4847586088e-2) * z - 1.6666288134e-1) * z * x + x;
  let a = abs(x);
  let near = log_of(a + sqrt(z + 1.0));
  let far = sign_of(x) * select(near, log_of(a) + 0.693147181, a > 1e9);
  return select(far, p, a < 0.5);
}

fn acosh_of(x: f32) -> f32 {
  let value = select(log_of(x + sqrt((x - 1.0) * (x + 1.0))), log_of(x) + 0.693147181, x > 1e9);
  return select(value, pattern(x, 0x7fc00000u), x < 1.0);
}

fn atanh_of(x: f32) -> f32 {
  let z = x * x;
  let p = ((((1.81740078349e-1 * z + 8.24370301058e-2) * z + 1.46691431730e-1) * z + 1.99782164500e-1) * z
    + 3.33337300303e-1) * z * x + x;
  return select(0.5 * (log_of(1.0 + x) - log_of(1.0 - x)), p, abs(x) < 0.5);
}

// Quadrant of the angle, and the angle within [-pi/4, pi/4]; right to |x| < 8192.
fn quadrant(x: f32) -> vec2f {
  let n = round(x * 0.636619772);
  return vec2f(n, ((x - n * 1.5703125) - n * 4.837512969970703125e-4) - n * 7.549789948768648e-8);
}

fn sin_near(r: f32) -> f32 {
  let z = r * r;
  return ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r;
}

fn cos_near(r: f32) -> f32 {
  let z = r * r;
  return ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
}

fn sin_of(x: f32) -> f32 {
  let q = quadrant(x);
  let n = i32(q.x) & 3;
  let value = select(sin_near(q.y), cos_near(q.y), (n & 1) == 1);
  return select(value, -value, n > 1);
}

fn cos_of(x: f32) -> f32 {
  let q = quadrant(x);
  let n = i32(q.x) & 3;
  let value = select(cos_near(q.y), sin_near(q.y), (n & 1) == 1);
  return select(value, -value, (n == 1) | (n == 2));
}

fn asin_near(x: f32) -> f32 {
  let z = x * x;
  return ((((4.2163199048e-2 * z + 2.4181311049e-2) * z + 4.5470025998e-2) * z + 7.4953002686e-2) * z
    + 1.6666752422e-1) * z * x + x;
}

fn asin_of(x: f32) -> f32 {
  let a = abs(x);
  let far = 1.57079633 - 2.0 * asin_near(sqrt(0.5 * (1.0 - min(a, 1.0))));
  let value = select(sign_of(x) * far, asin_near(x), a <= 0.5);
  return select(value, pattern(x, 0x7fc00000u), (a > 1.0) | is_nan(x));
}

fn acos_of(x: f32) -> f32 {
  let a = abs(x);
  let far = 2.0 * asin_near(sqrt(0.5 * (1.0 - min(a, 1.0))));
  let value = select(select(far, 3.14159265 - far, x < 0.0), 1.57079633 - asin_near(x), a <= 0.5);
  return select(value, pattern(x, 0x7fc00000u), (a > 1.0) | is_nan(x));
}

fn atan_of(x: f32) -> f32 {
  let a = abs(x);
  let start = select(select(0.0, 0.785398163, a > 0.414213562), 1.57079633, a > 2.41421356);
  let r = select(select(a, (a - 1.0) / (a + 1.0), a > 0.414213562), -1.0 / a, a > 2.41421356);
  let z = r * r;
  let p = (((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1) * z * r + r;
  return sign_of(x) * (start + p);
}

fn erf_of(x: f32) -> f32 {
  let t = abs(x);
  let s = x * x;
  let near = ((((((-5.96761703e-4 * s + 4.99119423e-3) * s - 2.67681349e-2) * s + 1.12819925e-1) * s
    - 3.76125336e-1) * s + 1.28379166e-1) * x) + x;
  let c = min(t, 10.0);
  let q = (-1.72853470e-5 * c + 3.83197126e-4) * (c * c) + (-3.88396438e-3 * c + 2.42546219e-2);
  let far = 1.0 - exp_of((((q * c - 1.06777877e-1) * c - 6.34846687e-1) * c - 1.28717512e-1) * c - c);
  return select(select(near, sign_of(x) * far, t > 0.927734375), x, is_nan(x));
}

// a to the power b. Negative bases have a result where b is whole. Its exponent is split, so that the error of
// b * log(a) stays below a few units.
fn power_of(a: f32, b: f32) -> f32 {
  let base = abs(a);
  let is_integer = floor(b) == b;
  let odd = is_integer & (abs(b) < 16777216.0) & ((i32(clamp(b, -16777216.0, 16777216.0)) & 1) != 0);
  // log2(base) as exponent + log2(mantissa), the latter in two parts.
  let small = base < 1.17549435e-38;
  let bits = bitcast<u32>(select(base, base * 16777216.0, small));
  let shifted = bits - 0x3f3504f3u;
  let e = f32(bitcast<i32>(shifted) >> 23u) - select(0.0, 24.0, small);
  let m = bitcast<f32>((shifted & 0x007fffffu) + 0x3f3504f3u);
  let log_m = log_of(m);
  // b * e in units of ln 2 is whole plus a fraction that exp_of can take exactly.
  let be = b * e;
  let n = clamp(round(be + b * log_m * 1.44269504), -300.0, 300.0);
  let rest = (be - n) * 0.693147181 + b * log_m;
  let half = i32(n) / 2;
  let rough = exp_of(rest) * power_of_two(clamp(half, -126, 127)) * power_of_two(clamp(i32(n) - half, -126, 127));
  // Small whole exponents are products: exact where the result is.
  let square = a * a;
  var value = select(rough, -rough, (a < 0.0) & odd);
  value = select(value, pattern(a, 0x7fc00000u), (a < 0.0) & !is_integer);
  // The ends: a base of 0 or infinity keeps its sign where b is odd, an infinite b leaves 0, 1 or infinity.
  let infinity = pattern(a, 0x7f800000u);
  let end = select(0.0, infinity, select(b > 0.0, b < 0.0, base == 0.0));
  value = select(value, select(end, -end, odd & (sign_of(a) < 0.0)), (base == 0.0) | is_infinite(a));
  let limit = select(0.0, infinity, (base > 1.0) == (b > 0.0));
  value = select(value, select(limit, 1.0, base == 1.0), is_infinite(b));
  value = select(value, pattern(a, 0x7fc00000u), is_nan(a) | is_nan(b));
  value = select(value, sqrt(a), (b == 0.5) & (a > 0.0));
  value = select(value, 1.0 / a, b == -1.0);
  value = select(value, a, b == 1.0);
  value = select(value, square, b == 2.0);
  value = select(value, square * a, b == 3.0);
  return select(value, 1.0, (b == 0.0) | (a == 1.0));
}

fn gelu_of(x: f32) -> f32 {
  return 0.5 * x * (1.0 + erf_of(x * 0.707106781));
}

fn gelu_tanh_of(x: f32) -> f32 {
  return 0.5 * x * (1.0 + tanh_of(0.797884561 * (x + 0.044715 * x * x * x)));
}
