// Pairs of a key and an index for the elements of lines of [outer, length, inner]: keys ascend in the order that is asked
// for, and lines are filled up to a power of two with pairs that come last.

const WORKGROUP = 64; // @tune
// 0 floats, 1 signed, 2 unsigned.
override KIND: u32 = 0u;
override DESCENDING: u32 = 0u;

struct Params { size: u32, length: u32, inner: u32 }

// A number that grows with the element; zeros of both signs are equal, NaN is beyond all numbers.
fn rank_of(word: u32) -> u32 {
  let negative = select(word ^ 0x80000000u, ~word, (word >> 31u) == 1u);
  let signless = select(negative, 0x80000000u, (word & 0x7fffffffu) == 0u);
  let float = select(signless, 0xffffffffu, (word & 0x7fffffffu) > 0x7f800000u);
  return select(select(word ^ 0x80000000u, word, KIND == 2u), float, KIND == 0u);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_pairs() / 2u) { return; }
  let line = index / params.size;
  let place = index - line * params.size;
  let outer = line / params.inner;
  let at = (outer * params.length + min(place, params.length - 1u)) * params.inner + line - outer * params.inner;
  let rank = rank_of(load_x(at));
  let key = select(rank, ~rank, DESCENDING == 1u);
  store_pairs(2u * index, select(0xffffffffu, key, place < params.length));
  store_pairs(2u * index + 1u, place);
}
