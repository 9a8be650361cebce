// A function of each element, in the order in which they lie.

const WORKGROUP = 64; // @tune

struct Params { alpha: f32, beta: f32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = flat_group(workgroup_id, num_workgroups) * WORKGROUP * 4u + lane;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let index = first + u32(i) * WORKGROUP;
    if (index < length_y()) { store_y(index, unary_value(load_x(index), params.alpha, params.beta)); }
  }
}
