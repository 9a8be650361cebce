// The boxes that stay, in the order of batch, class and score: batch, class and number of each. Rows beyond them are 0.

const WORKGROUP = 64; // @tune

struct Params { size: u32, classes: u32, places: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_chosen() / 3u) { return; }
  let here = index < u32(load_total(0u));
  let line = u32(load_indices(index));
  let place = u32(load_indices(params.places + index));
  let number = load_pairs(2u * (line * params.size + place) + 1u);
  let batch = line / params.classes;
  store_chosen(3u * index, select(0, i32(batch), here));
  store_chosen(3u * index + 1u, select(0, i32(line - batch * params.classes), here));
  store_chosen(3u * index + 2u, select(0, i32(number), here));
}
