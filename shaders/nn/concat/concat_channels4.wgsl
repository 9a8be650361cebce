// Copies the texels of up to four inputs that follow each other to their layers of the result, each as often along each
// axis as it is doubled: images that lie side by side and slices of blocks are halved with the axes they belong to.

struct Params {
  // Where each input ends, in layers from the first of these inputs on.
  ends: vec4i,
  // The layer of the result in which the first of them begins.
  layer: i32,
  // How often columns and rows of each input are doubled, and how often its slices.
  doublings: vec4u,
  depth_doublings: vec4u,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let size = size_y();
  let place = flat_place(workgroup_id, num_workgroups, lane, size.x);
  let slab_layer = place.y / size.y;
  let at = vec3i(place.x, place.y - slab_layer * size.y, slab_begin() + slab_layer);
  if (at.z >= params.ends.w) { return; }
  var value: vec4f;
  if (at.z < params.ends.x) {
    value = load_a(at.x >> params.doublings.x, at.y >> params.doublings.x, at.z >> params.depth_doublings.x);
  } else if (at.z < params.ends.y) {
    value = load_b(
      at.x >> params.doublings.y, at.y >> params.doublings.y, (at.z - params.ends.x) >> params.depth_doublings.y
    );
  } else if (at.z < params.ends.z) {
    value = load_c(
      at.x >> params.doublings.z, at.y >> params.doublings.z, (at.z - params.ends.y) >> params.depth_doublings.z
    );
  } else {
    value = load_d(
      at.x >> params.doublings.w, at.y >> params.doublings.w, (at.z - params.ends.z) >> params.depth_doublings.w
    );
  }
  store_y(at.x, at.y, at.z + params.layer, value);
}
