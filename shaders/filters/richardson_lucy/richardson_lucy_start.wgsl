// The first estimate: one half everywhere.

struct Params {
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  if (any(place >= size_estimate().xy)) {
    return;
  }
  store_estimate(place.x, place.y, slab_begin() + i32(group.z), vec4f(0.5));
}
