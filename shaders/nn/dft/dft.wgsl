// One number of one Fourier transform per invocation: the sum of the signal's elements, each turned by its angle.

const WORKGROUP = 64; // @tune

struct Params {
  // Size of the axis, how many of its elements are summed, and length of the transform.
  extent: u32,
  summed: u32,
  length: u32,
  // Numbers of a line's result.
  outputs: u32,
  inner: u32,
  // 1 for real elements, 2 for complex ones.
  parts: u32,
  factor: f32,
  // 0, which no compiler knows: it keeps them from simplifying (a + b) - a, as Mesa does.
  zero: u32,
}

fn opaque(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ params.zero);
}

// The sum so far and what its roundings lost, and a further addend (Knuth).
fn added(sum: vec2f, x: f32) -> vec2f {
  let next = opaque(sum.x + x);
  let part = opaque(next - sum.x);
  return vec2f(next, sum.y + ((sum.x - opaque(next - part)) + (x - part)));
}

fn high_of(x: f32) -> f32 {
  let wide = 4097.0 * x;
  return wide - opaque(wide - x);
}

// Adds the product of a number and one of twice the precision: its rounding goes to what is lost (Dekker).
fn with_product(sum: vec2f, a: f32, b: vec2f) -> vec2f {
  let product = opaque(a * b.x);
  let high = vec2f(high_of(a), high_of(b.x));
  let low = vec2f(a, b.x) - high;
  let lost = ((high.x * high.y - product) + high.x * low.y + low.x * high.y) + low.x * low.y;
  let next = added(sum, product);
  return vec2f(next.x, next.y + (lost + a * b.y));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (2u * index >= length_y()) { return; }
  let line = index / params.inner;
  let outer = line / params.outputs;
  let j = line - outer * params.outputs;
  let start = outer * params.extent * params.inner + index - line * params.inner;
  var real = vec2f();
  var imaginary = vec2f();
  // j * k parts of a turn, kept below a whole one.
  var angle = 0u;
  let summed = loop_count_u(params.summed, lane);
  for (var k = 0u; k < summed; k++) {
    let cosine = vec2f(load_table(4u * angle), load_table(4u * angle + 1u));
    let sine = vec2f(load_table(4u * angle + 2u), load_table(4u * angle + 3u));
    let place = (start + k * params.inner) * params.parts;
    let a = load_x(place);
    real = with_product(real, a, cosine);
    imaginary = with_product(imaginary, a, sine);
    if (params.parts == 2u) {
      let b = load_x(place + 1u);
      real = with_product(real, -b, sine);
      imaginary = with_product(imaginary, b, cosine);
    }
    angle += j;
    angle = select(angle, angle - params.length, angle >= params.length);
  }
  store_y(2u * index, (real.x + real.y) * params.factor);
  store_y(2u * index + 1u, (imaginary.x + imaginary.y) * params.factor);
}
