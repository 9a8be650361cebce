// Nothing yet, in the layers of a slab.

struct Params {
  // elements of a layer
  each: u32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = flat_index(group, groups, lane, 64u);
  if (at >= params.each) {
    return;
  }
  store_sum(u32(slab_begin() + i32(group.z)) * params.each + at, 0.0);
}
