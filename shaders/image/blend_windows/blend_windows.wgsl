// Adds one window to the sum: each invocation one voxel of the window's rows in one layer (channel, slice) of the volume.

struct Params {
  // depth, height, width of the volume
  size: vec3i,
  // of the window
  side: vec3i,
  // where it begins
  start: vec3i,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let layer = slab_begin() + i32(group.z);
  let channel = layer / params.size.x;
  let z = layer - channel * params.size.x - params.start.x;
  let index = i32(flat_index(group, groups, lane, 64u));
  let y = index / params.side.z;
  let x = index - y * params.side.z;
  if ((z < 0) | (z >= params.side.x) | (y >= params.side.y)) {
    return;
  }
  let side = params.side;
  let weight = load_weights(u32(z)) * load_weights(u32(side.x + y)) * load_weights(u32(side.x + side.y + x));
  let value = load_block(u32(((channel * side.x + z) * side.y + y) * side.z + x));
  let to = u32((layer * params.size.y + params.start.y + y) * params.size.z + params.start.z + x);
  store_sum(to, load_sum(to) + value * weight);
}
