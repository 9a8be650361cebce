// Each element of the result takes the update that won it, or stays what it was.

const WORKGROUP = 64; // @tune

struct Params { rank: i32, axis: i32, axes: array<vec4i, 8>, stride: i32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let place = place_of(index);
  let winner = i32(load_winners(u32(select(0, place.x, place.w == 1))));
  if ((winner > 0) & (place.w == 1)) {
    store_y(index, load_updates(u32(place.y + (winner - 1) * params.stride)));
  } else {
    store_y(index, load_data(index));
  }
}
