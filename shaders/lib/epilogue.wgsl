// What an operation does to its result before it stores it: at most three steps, chosen by overrides.
// Codes: 0 nothing, 1 relu, 2 leakyRelu (a = alpha), 3 clip (a = min, b = max), 4 sigmoid, 5 silu, 6 hardSwish, 7 add.
// A code is an override, so that the steps that are not taken cost nothing.
override THEN_0: u32 = 0u;
override THEN_0_A: f32 = 0.0;
override THEN_0_B: f32 = 0.0;
override THEN_1: u32 = 0u;
override THEN_1_A: f32 = 0.0;
override THEN_1_B: f32 = 0.0;
override THEN_2: u32 = 0u;
override THEN_2_A: f32 = 0.0;
override THEN_2_B: f32 = 0.0;

// exp(-v) of the clamped value: beyond 80 the sigmoid is 0 or 1 in f32, and nothing becomes infinite.
fn then_sigmoid(v: vec4f) -> vec4f {
  return vec4f(1.0) / (vec4f(1.0) + exp(-clamp(v, vec4f(-80.0), vec4f(80.0))));
}

fn then_step(code: u32, a: f32, b: f32, v: vec4f, added: vec4f) -> vec4f {
  switch code {
    case 1u: { return max(v, vec4f(0.0)); }
    case 2u: { return select(v, v * a, v < vec4f(0.0)); }
    case 3u: { return clamp(v, vec4f(a), vec4f(b)); }
    case 4u: { return then_sigmoid(v); }
    case 5u: { return v * then_sigmoid(v); }
    case 6u: { return v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0)); }
    case 7u: { return v + added; }
    default: { return v; }
  }
}

// The steps in their order; `added` is used by the step add alone.
fn then_steps(value: vec4f, added: vec4f) -> vec4f {
  let first = then_step(THEN_0, THEN_0_A, THEN_0_B, value, added);
  let second = then_step(THEN_1, THEN_1_A, THEN_1_B, first, added);
  return then_step(THEN_2, THEN_2_A, THEN_2_B, second, added);
}

// The same for one element.
fn then_steps_1(value: f32, added: f32) -> f32 {
  return then_steps(vec4f(value), vec4f(added)).x;
}
