// Boxes behind a block go out where they overlap one of the block that stays.

const WORKGROUP = 64; // @tune
const BLOCK = 256u;

struct Params { boxes: u32, begin: u32, limit: f32, rest: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let number = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  let line = number / params.rest;
  let index = line * params.boxes + params.begin + BLOCK + number - line * params.rest;
  if (index >= length_alive()) { return; }
  if (load_alive(index) == 0) { return; }
  let at = 4u * index;
  let own = vec4f(load_sorted(at), load_sorted(at + 1u), load_sorted(at + 2u), load_sorted(at + 3u));
  let first = line * params.boxes + params.begin;
  for (var i = first; i < first + BLOCK; i++) {
    if (load_alive(i) == 0) { continue; }
    let other = vec4f(load_sorted(4u * i), load_sorted(4u * i + 1u), load_sorted(4u * i + 2u), load_sorted(4u * i + 3u));
    if (overlaps(own, other, params.limit)) {
      store_alive(index, 0);
      return;
    }
  }
}
