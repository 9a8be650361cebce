// Moves words: each element of the result is the element of x at an offset that grows by a stride along each axis.
// Four elements per invocation; rows are runs of `each` elements.

const WORKGROUP = 64; // @tune

struct Params { rank: i32, axes: array<vec4i, 8>, begin: i32, each: i32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let begin = u32(slab_begin() * params.each);
  let end = u32(slab_end() * params.each);
  let first = begin + flat_group(workgroup_id, num_workgroups) * WORKGROUP * 4u + lane;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let index = first + u32(i) * WORKGROUP;
    let source = u32(params.begin + offsets_of(i32(index)).x);
    if ((index < end) & has_x(source)) { store_y(index, load_x(source)); }
  }
}
