// Where elements are not zero, in two dispatches around a sum: each invocation counts those of a run of elements, or
// (with PLACES) writes their positions along each axis behind those of the runs before. The columns beyond all that were
// found are filled with 0, each by the invocation whose run has its number.

const WORKGROUP = 64; // @tune
override FLOAT: u32 = 0u;
override PLACES: u32 = 0u;

struct Params { elements: u32, run: u32, rank: i32, axes: array<vec4i, 8> }

fn is_zero(word: u32) -> bool {
  return (select(word, word & 0x7fffffffu, FLOAT == 1u)) == 0u;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  let begin = index * params.run;
  if (begin >= params.elements) { return; }
  let end = min(begin + params.run, params.elements);
  var found = 0u;
  if (PLACES == 1u) { found = load_before(index); }
  for (var at = begin; at < end; at++) {
    if (is_zero(load_x(at))) { continue; }
    if (PLACES == 1u) {
      var rest = i32(at);
      let last = loop_count(params.rank, at);
      for (var axis = 0; axis < last; axis++) {
        let quotient = rest / params.axes[axis].x;
        store_indices(u32(params.rank - 1 - axis) * params.elements + found, rest - quotient * params.axes[axis].x);
        rest = quotient;
      }
    }
    found += 1u;
  }
  if (PLACES == 1u) {
    for (var at = max(begin, u32(load_total(0u))); at < end; at++) {
      let last = loop_count(params.rank, at);
      for (var axis = 0; axis < last; axis++) { store_indices(u32(axis) * params.elements + at, 0); }
    }
  }
  if (PLACES == 0u) { store_counts(index, found); }
}
