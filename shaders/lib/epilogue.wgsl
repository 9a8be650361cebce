// What an operation does to its result before it stores it: at most three steps, chosen by overrides.
// Codes: 0 nothing, 1 relu, 2 leakyRelu (a = alpha), 3 clip (a = min, b = max), 4 sigmoid, 5 silu, 6 hardSwish, 7 add.
// A code is an override, so that the steps that are not taken cost nothing.
override EPILOGUE_0: u32 = 0u;
override EPILOGUE_0_A: f32 = 0.0;
override EPILOGUE_0_B: f32 = 0.0;
override EPILOGUE_1: u32 = 0u;
override EPILOGUE_1_A: f32 = 0.0;
override EPILOGUE_1_B: f32 = 0.0;
override EPILOGUE_2: u32 = 0u;
override EPILOGUE_2_A: f32 = 0.0;
override EPILOGUE_2_B: f32 = 0.0;

// NaN stays NaN. Drivers' min, max and clamp give the other number, and they fold x != x: bits tell.
fn are_nan(v: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(v) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u);
}

// Numbers below 0, which -0 and -infinity are the ends of, become 0; of all others, NaN included, the bits stay.
fn epilogue_relu(v: vec4f) -> vec4f {
  return select(v, vec4f(), (bitcast<vec4u>(v) - vec4u(0x80000000u)) <= vec4u(0x7f800000u));
}

// The exponential is that of the clamped value, so that nothing becomes infinite. Below -87 the sigmoid is no normal
// number of f32: 0.
fn epilogue_sigmoid(v: vec4f) -> vec4f {
  let value = vec4f(1.0) / (vec4f(1.0) + exp(-clamp(v, vec4f(-80.0), vec4f(80.0))));
  return select(select(value, vec4f(), v < vec4f(-87.0)), v, are_nan(v));
}

fn epilogue_step(code: u32, a: f32, b: f32, v: vec4f, added: vec4f) -> vec4f {
  switch code {
    case 1u: { return epilogue_relu(v); }
    case 2u: { return select(v, v * a, v < vec4f(0.0)); }
    case 3u: { return select(clamp(v, vec4f(a), vec4f(b)), v, are_nan(v)); }
    case 4u: { return epilogue_sigmoid(v); }
    case 5u: { return v * epilogue_sigmoid(v); }
    case 6u: { return v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0)); }
    case 7u: { return v + added; }
    default: { return v; }
  }
}

// The steps in their order; `added` is used by the step add alone.
fn epilogue_steps(value: vec4f, added: vec4f) -> vec4f {
  let first = epilogue_step(EPILOGUE_0, EPILOGUE_0_A, EPILOGUE_0_B, value, added);
  let second = epilogue_step(EPILOGUE_1, EPILOGUE_1_A, EPILOGUE_1_B, first, added);
  return epilogue_step(EPILOGUE_2, EPILOGUE_2_A, EPILOGUE_2_B, second, added);
}

// The same for one element.
fn epilogue_steps_1(value: f32, added: f32) -> f32 {
  return epilogue_steps(vec4f(value), vec4f(added)).x;
}

// A texel of four channels from the first one on, with 0 beyond the last channel: what comes there of weights and biases
// may be NaN where other channels are infinite, and a convolution would carry it on.
fn within_channels(value: vec4f, first: i32, channels: i32) -> vec4f {
  return select(vec4f(), value, vec4i(first) + vec4i(0, 1, 2, 3) < vec4i(channels));
}
