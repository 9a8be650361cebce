// Words of a where the condition holds, else of b, with broadcasting.

const WORKGROUP = 64; // @tune

struct Params { rank: i32, axes: array<vec4i, 8> }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let offsets = vec3u(offsets_of(i32(index)));
  store_y(index, select(load_b(offsets.z), load_a(offsets.y), load_condition(offsets.x) != 0u));
}
