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

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_y();
  let at = vec3i(id) * vec3i(1, 4, 1) + vec3i(0, 0, slab_begin());
  if (at.x >= size.x) { return; }
  // @unroll
  for (var i = 0; i < 4; i++) {
    // Rows beyond the end store the last one again.
    let y = min(at.y + i, size.y - 1);
    var value: vec4f;
    if (at.z < params.ends.x) {
      value = load_a(at.x >> params.doublings.x, y >> params.doublings.x, at.z >> params.depth_doublings.x);
    } else if (at.z < params.ends.y) {
      value = load_b(
        at.x >> params.doublings.y, y >> params.doublings.y, (at.z - params.ends.x) >> params.depth_doublings.y
      );
    } else if (at.z < params.ends.z) {
      value = load_c(
        at.x >> params.doublings.z, y >> params.doublings.z, (at.z - params.ends.y) >> params.depth_doublings.z
      );
    } else {
      value = load_d(
        at.x >> params.doublings.w, y >> params.doublings.w, (at.z - params.ends.z) >> params.depth_doublings.w
      );
    }
    store_y(at.x, y, at.z + params.layer, value);
  }
}
