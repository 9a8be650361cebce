// Softmax of the middle axis of [outer, length, inner], one line per invocation.

const WORKGROUP = 64; // @tune
override LOG: u32 = 0u;

struct Params { length: u32, inner: u32, lines: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (line >= params.lines) { return; }
  let outer = line / params.inner;
  let start = outer * params.length * params.inner + (line - outer * params.inner);
  let length = loop_count_u(params.length, lane);
  var greatest = load_x(start);
  for (var k = 1u; k < length; k++) {
    greatest = max(greatest, load_x(start + k * params.inner));
  }
  var sum = 0.0;
  for (var k = 0u; k < length; k++) {
    sum += exp_of(load_x(start + k * params.inner) - greatest);
  }
  let factor = 1.0 / sum;
  let shift = log_of(sum);
  for (var k = 0u; k < length; k++) {
    let at = start + k * params.inner;
    let x = load_x(at) - greatest;
    store_y(at, select(exp_of(x) * factor, x - shift, LOG == 1u));
  }
}
