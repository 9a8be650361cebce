// Results from the sums of weighted pixels and of weights, in place.

struct Params {
  // Pixels of a row, rows of a layer, layers of a channel.
  width: i32,
  height: i32,
  depth: i32,
  rician: u32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  if ((place.x >= params.width) | (place.y >= params.height)) {
    return;
  }
  let layer = slab_begin() + i32(group.z);
  let at = u32((layer * params.height + place.y) * params.width + place.x);
  let sigma = load_sigma(u32(layer / params.depth));
  let estimate = estimate_of(vec4f(load_sums(at)), vec4f(load_totals(at)), sigma, params.rician == 1u);
  store_sums(at, estimate.x);
}
