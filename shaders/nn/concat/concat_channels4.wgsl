// Copies the texels of up to four inputs that follow each other to their layers of the result, each as often along each
// axis as it is doubled: images that lie side by side and slices of blocks are halved with the axes they belong to.

// Rows of a column that an invocation copies: finding its place costs as much as copying a texel.
const ROWS = 4;

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
  let runs = (size.y + ROWS - 1) / ROWS;
  let slab_layer = place.y / runs;
  let x = place.x;
  let z = slab_begin() + slab_layer;
  if (z >= params.ends.w) { return; }
  var rows: array<i32, ROWS>;
  // Rows beyond the end repeat the last one: they store the same texel again.
  // @unroll
  for (var r = 0; r < ROWS; r++) {
    rows[r] = min((place.y - slab_layer * runs) * ROWS + r, size.y - 1);
  }
  var values: array<vec4f, ROWS>;
  if (z < params.ends.x) {
    // @unroll
    for (var r = 0; r < ROWS; r++) {
      values[r] = load_a(x >> params.doublings.x, rows[r] >> params.doublings.x, z >> params.depth_doublings.x);
    }
  } else if (z < params.ends.y) {
    let layer = (z - params.ends.x) >> params.depth_doublings.y;
    // @unroll
    for (var r = 0; r < ROWS; r++) {
      values[r] = load_b(x >> params.doublings.y, rows[r] >> params.doublings.y, layer);
    }
  } else if (z < params.ends.z) {
    let layer = (z - params.ends.y) >> params.depth_doublings.z;
    // @unroll
    for (var r = 0; r < ROWS; r++) {
      values[r] = load_c(x >> params.doublings.z, rows[r] >> params.doublings.z, layer);
    }
  } else {
    let layer = (z - params.ends.z) >> params.depth_doublings.w;
    // @unroll
    for (var r = 0; r < ROWS; r++) {
      values[r] = load_d(x >> params.doublings.w, rows[r] >> params.doublings.w, layer);
    }
  }
  // @unroll
  for (var r = 0; r < ROWS; r++) {
    store_y(x, rows[r], z + params.layer, values[r]);
  }
}
