// Each index notes at its target which update along the axis is the last one that goes there: the greatest number, which
// is the same whoever comes first.

const WORKGROUP = 64; // @tune

struct Params { rank: i32, axis: i32, axes: array<vec4i, 8>, size: i32, stride: i32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_indices()) { return; }
  let place = place_of(index);
  let given = load_indices(index);
  let at = select(given, given + params.size, given < 0);
  if ((at < 0) | (at >= params.size)) { return; }
  atomicMax(&winners[place.x + at * params.stride], u32(place.z + 1));
}
