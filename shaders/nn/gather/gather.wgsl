// Words of x [outer, size, inner] at the indices: the result is [outer, indices, inner].

const WORKGROUP = 64; // @tune

struct Params { size: i32, inner: u32, indices: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let line = index / params.inner;
  let outer = line / params.indices;
  let given = load_indices(line - outer * params.indices);
  let at = clamp(select(given, given + params.size, given < 0), 0, params.size - 1);
  store_y(index, load_x((outer * u32(params.size) + u32(at)) * params.inner + (index - line * params.inner)));
}
