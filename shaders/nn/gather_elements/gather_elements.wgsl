// Words of x at the position of each index, but at the index along one axis, whose stride in the axes is 0.

const WORKGROUP = 64; // @tune

struct Params { rank: i32, axes: array<vec4i, 8>, size: i32, stride: i32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let given = load_indices(index);
  let at = clamp(select(given, given + params.size, given < 0), 0, params.size - 1);
  store_y(index, load_x(u32(offsets_of(i32(index)).x + at * params.stride)));
}
