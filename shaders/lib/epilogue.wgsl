// What an operation does to its result before it stores it: at most three steps, chosen by overrides.
// Codes: 0 nothing, 1 relu, 2 leakyRelu (a = alpha), 3 clip (a = min, b = max), 4 sigmoid, 5 silu, 6 hardSwish, 7 add,
// 8 gelu, 9 geluTanh. It needs `functions` of `lib/`.
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

fn epilogue_leaky_relu(v: vec4f, alpha: f32) -> vec4f {
  return select(v, v * alpha, v < vec4f(0.0));
}

fn epilogue_clip(v: vec4f, low: f32, high: f32) -> vec4f {
  return select(clamp(v, vec4f(low), vec4f(high)), v, are_nan(v));
}

fn epilogue_hard_swish(v: vec4f) -> vec4f {
  return v * clamp(v / 6.0 + 0.5, vec4f(0.0), vec4f(1.0));
}

fn epilogue_gelu(v: vec4f) -> vec4f {
  return vec4f(gelu_of(v.x), gelu_of(v.y), gelu_of(v.z), gelu_of(v.w));
}

fn epilogue_gelu_tanh(v: vec4f) -> vec4f {
  return vec4f(gelu_tanh_of(v.x), gelu_tanh_of(v.y), gelu_tanh_of(v.z), gelu_tanh_of(v.w));
}

// One function a step: a switch over an override is decided as the page is assembled, one over an argument is not.
fn epilogue_first(v: vec4f, added: vec4f) -> vec4f {
  switch EPILOGUE_0 {
    case 1u: { return epilogue_relu(v); }
    case 2u: { return epilogue_leaky_relu(v, EPILOGUE_0_A); }
    case 3u: { return epilogue_clip(v, EPILOGUE_0_A, EPILOGUE_0_B); }
    case 4u: { return epilogue_sigmoid(v); }
    case 5u: { return v * epilogue_sigmoid(v); }
    case 6u: { return epilogue_hard_swish(v); }
    case 7u: { return v + added; }
    case 8u: { return epilogue_gelu(v); }
    case 9u: { return epilogue_gelu_tanh(v); }
    default: { return v; }
  }
}

fn epilogue_second(v: vec4f, added: vec4f) -> vec4f {
  switch EPILOGUE_1 {
    case 1u: { return epilogue_relu(v); }
    case 2u: { return epilogue_leaky_relu(v, EPILOGUE_1_A); }
    case 3u: { return epilogue_clip(v, EPILOGUE_1_A, EPILOGUE_1_B); }
    case 4u: { return epilogue_sigmoid(v); }
    case 5u: { return v * epilogue_sigmoid(v); }
    case 6u: { return epilogue_hard_swish(v); }
    case 7u: { return v + added; }
    case 8u: { return epilogue_gelu(v); }
    case 9u: { return epilogue_gelu_tanh(v); }
    default: { return v; }
  }
}

fn epilogue_third(v: vec4f, added: vec4f) -> vec4f {
  switch EPILOGUE_2 {
    case 1u: { return epilogue_relu(v); }
    case 2u: { return epilogue_leaky_relu(v, EPILOGUE_2_A); }
    case 3u: { return epilogue_clip(v, EPILOGUE_2_A, EPILOGUE_2_B); }
    case 4u: { return epilogue_sigmoid(v); }
    case 5u: { return v * epilogue_sigmoid(v); }
    case 6u: { return epilogue_hard_swish(v); }
    case 7u: { return v + added; }
    case 8u: { return epilogue_gelu(v); }
    case 9u: { return epilogue_gelu_tanh(v); }
    default: { return v; }
  }
}

// The steps in their order; `added` is used by the step add alone.
fn epilogue_steps(value: vec4f, added: vec4f) -> vec4f {
  return epilogue_third(epilogue_second(epilogue_first(value, added), added), added);
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
