// The first `k` of each sorted line: elements of x [outer, length, inner] and their positions, [outer, k, inner] each.

const WORKGROUP = 64; // @tune

struct Params { size: u32, length: u32, inner: u32, k: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_indices()) { return; }
  let row = index / params.inner;
  let inner = index - row * params.inner;
  let outer = row / params.k;
  let place = load_pairs(2u * ((outer * params.inner + inner) * params.size + row - outer * params.k) + 1u);
  store_indices(index, i32(place));
  store_values(index, load_x((outer * params.length + place) * params.inner + inner));
}
