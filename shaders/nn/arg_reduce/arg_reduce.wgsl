// Where the greatest or least element of a line of [outer, length, inner] stands. One invocation looks at a chunk of the
// line, or at one of the candidates that an earlier dispatch found there.

const WORKGROUP = 64; // @tune
// 0 floats, 1 signed, 2 unsigned.
override KIND: u32 = 0u;
override LEAST: u32 = 0u;
override LAST: u32 = 0u;
override HAS_CANDIDATES: u32 = 0u;

struct Params { length: u32, inner: u32, candidates: u32, chunks: u32, chunk_length: u32 }

// A number that grows with the element (or falls, where the least one is wanted); NaN is the greatest.
fn rank_of(word: u32) -> u32 {
  let negative = select(word ^ 0x80000000u, ~word, (word >> 31u) == 1u);
  let signless = select(negative, 0x80000000u, (word & 0x7fffffffu) == 0u);
  let ascending = select(select(word ^ 0x80000000u, word, KIND == 2u), signless, KIND == 0u);
  let rank = select(ascending, ~ascending, LEAST == 1u);
  return select(rank, 0xffffffffu, (KIND == 0u) & ((word & 0x7fffffffu) > 0x7f800000u));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let line = index / params.inner;
  let inner = index - line * params.inner;
  let outer = line / params.chunks;
  let begin = (line - outer * params.chunks) * params.chunk_length;
  let end = min(begin + params.chunk_length, params.candidates);
  var best = 0u;
  var best_rank = 0u;
  for (var i = begin; i < end; i++) {
    var k = i;
    if (HAS_CANDIDATES == 1u) { k = u32(load_candidates((outer * params.candidates + i) * params.inner + inner)); }
    let rank = rank_of(load_x((outer * params.length + k) * params.inner + inner));
    let better = (i == begin) | (rank > best_rank) | ((LAST == 1u) & (rank == best_rank));
    best = select(best, k, better);
    best_rank = select(best_rank, rank, better);
  }
  store_y(index, i32(best));
}
