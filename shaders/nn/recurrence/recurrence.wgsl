// One step of a recurrent layer: one element of the state an invocation.

const WORKGROUP = 64; // @tune
// 0 LSTM, 1 GRU, 2 simple.
override KIND: u32 = 0u;
// Of a GRU whose reset gate acts on the state: 0 the gates, 1 content and state. Else 2: all at once.
override STAGE: u32 = 2u;
// Functions by their numbers in recurrence_activations.ts.
override FIRST: u32 = 0u;
override SECOND: u32 = 1u;
override THIRD: u32 = 1u;
override HAS_CLIP: u32 = 0u;
override HAS_EXTRA: u32 = 0u;
override COUPLED: u32 = 0u;

struct Params {
  step: u32,
  batch: u32,
  hidden: u32,
  clip: f32,
  // Parameters of the functions.
  alpha: vec4f,
  beta: vec4f,
}

fn function_of(code: u32, x: f32, alpha: f32, beta: f32) -> f32 {
  switch code {
    case 0u: { return 1.0 / (1.0 + exp_of(-x)); }
    case 1u: { return tanh_of(x); }
    case 2u: { return select(max(x, 0.0), x, is_nan(x)); }
    case 3u: { return alpha * x + beta; }
    case 4u: { return select(x, alpha * x, x < 0.0); }
    case 5u: { return select(0.0, x, (x >= alpha) | is_nan(x)); }
    case 6u: { return alpha * tanh_of(beta * x); }
    case 7u: { return select(clamp(alpha * x + beta, 0.0, 1.0), x, is_nan(x)); }
    case 8u: { return select(x, alpha * (exp_of(min(x, 0.0)) - 1.0), x < 0.0); }
    case 9u: { return x / (1.0 + abs(x)); }
    default: { return max(x, 0.0) + log_of(1.0 + exp_of(-abs(x))); }
  }
}

fn limited(x: f32) -> f32 {
  return select(x, clamp(x, -params.clip, params.clip), (HAS_CLIP == 1u) & !is_nan(x));
}

fn first_of(x: f32) -> f32 {
  return function_of(FIRST, limited(x), params.alpha.x, params.beta.x);
}

fn second_of(x: f32) -> f32 {
  return function_of(SECOND, limited(x), params.alpha.y, params.beta.y);
}

// The state before this step, of sequence n.
fn state_before(n: u32, k: u32) -> f32 {
  let begin = max(params.step, 1u) - 1u;
  return select(
    load_states((begin * params.batch + n) * params.hidden + k),
    load_initial(n * params.hidden + k),
    params.step == 0u,
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  let places = params.batch * params.hidden;
  if (index >= places) { return; }
  let n = index / params.hidden;
  let j = index - n * params.hidden;
  let gates = select(select(1u, 3u, KIND == 1u), 4u, KIND == 0u);
  let width = gates * params.hidden;
  // Sums of the state's products for each gate; of gates that a cell doesn't have they count nothing.
  var sums = vec4f();
  let hidden = loop_count_u(params.hidden, lane);
  for (var k = 0u; k < hidden; k++) {
    let state = state_before(n, k);
    let place = k * width + j;
    if (KIND == 0u) {
      sums += state * vec4f(
        load_weights(place), load_weights(place + params.hidden),
        load_weights(place + 2u * params.hidden), load_weights(place + 3u * params.hidden));
    } else if (KIND == 1u) {
      var reset = 1.0;
      if (STAGE == 1u) { reset = load_cells(places + n * params.hidden + k); }
      sums += vec4f(
        state * load_weights(place), state * load_weights(place + params.hidden),
        reset * state * load_weights(place + 2u * params.hidden), 0.0);
    } else {
      sums.x += state * load_weights(place);
    }
  }
  let at = (params.step * params.batch + n) * width + j;
  let before = state_before(n, j);
  let alive = i32(params.step) < load_lengths(n);
  let target_state = params.step * places + index;
  if (KIND == 2u) {
    store_states(target_state, select(before, first_of(load_gates(at) + sums.x), alive));
    return;
  }
  if (KIND == 1u) {
    let update = first_of(load_gates(at) + sums.x);
    let reset = first_of(load_gates(at + params.hidden) + sums.y);
    if (STAGE == 0u) {
      store_cells(index, update);
      store_cells(places + index, reset);
      return;
    }
    var part = sums.z;
    if (HAS_EXTRA == 1u) { part += load_extra(j); }
    if (STAGE == 2u) { part *= reset; }
    let content = second_of(load_gates(at + 2u * params.hidden) + part);
    store_states(target_state, select(before, (1.0 - update) * content + update * before, alive));
    return;
  }
  let begin = max(params.step, 1u) - 1u;
  let cell = select(load_cells(begin * places + index), load_initial(places + index), params.step == 0u);
  var look = vec3f();
  if (HAS_EXTRA == 1u) {
    look = vec3f(load_extra(j), load_extra(params.hidden + j), load_extra(2u * params.hidden + j));
  }
  let input = first_of(load_gates(at) + sums.x + look.x * cell);
  let kept = first_of(load_gates(at + 2u * params.hidden) + sums.z + look.z * cell);
  let forget = select(kept, 1.0 - input, COUPLED == 1u);
  let next = forget * cell + input * second_of(load_gates(at + 3u * params.hidden) + sums.w);
  let output = first_of(load_gates(at + params.hidden) + sums.y + look.y * next);
  let given = output * function_of(THIRD, next, params.alpha.z, params.beta.z);
  store_states(target_state, select(before, given, alive));
  store_cells(target_state, select(cell, next, alive));
}
