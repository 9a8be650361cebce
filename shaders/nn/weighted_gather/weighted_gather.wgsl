// Weighted sums of slices of x [outer, size, inner]: the result is [outer, results, inner].

const WORKGROUP = 64; // @tune

struct Params { size: i32, results: u32, taps: u32, inner: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let line = index / params.inner;
  let outer = line / params.results;
  let begin = (line - outer * params.results) * params.taps;
  let start = outer * u32(params.size) * params.inner + index - line * params.inner;
  let taps = loop_count_u(params.taps, lane);
  var sum = 0.0;
  for (var tap = 0u; tap < taps; tap++) {
    let at = u32(clamp(load_indices(begin + tap), 0, params.size - 1));
    sum += load_weights(begin + tap) * load_x(start + at * params.inner);
  }
  store_y(index, sum);
}
