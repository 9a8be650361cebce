// The boxes of each line (a class of a batch) in the order of their scores, by their corners, and which of them count: those
// whose score is above the limit, of the first ones where their number is given.

const WORKGROUP = 64; // @tune
override CENTER: u32 = 0u;
override LIMITED: u32 = 0u;
override COUNTED: u32 = 0u;

struct Params { size: u32, boxes: u32, classes: u32, score_limit: f32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_alive()) { return; }
  let line = index / params.boxes;
  let place = load_pairs(2u * (line * params.size + index - line * params.boxes) + 1u);
  let at = 4u * (line / params.classes * params.boxes + place);
  let box = corners(load_boxes(at), load_boxes(at + 1u), load_boxes(at + 2u), load_boxes(at + 3u), CENTER == 1u);
  store_sorted(4u * index, box.x);
  store_sorted(4u * index + 1u, box.y);
  store_sorted(4u * index + 2u, box.z);
  store_sorted(4u * index + 3u, box.w);
  let above = (LIMITED == 0u) | (load_scores(line * params.boxes + place) > params.score_limit);
  var boxes = params.boxes;
  if (COUNTED == 1u) { boxes = u32(load_count(0u)); }
  store_alive(index, select(0, 1, above & (place < boxes)));
}
