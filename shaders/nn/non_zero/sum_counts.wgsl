// Running sums of counts, exclusive, and their total: one workgroup, each lane a run of them.

const LANES = 256u; // @tune

struct Params { counts: u32, run: u32 }

var<workgroup> sums: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let begin = min(lane * params.run, params.counts);
  let end = min(begin + params.run, params.counts);
  var sum = 0u;
  for (var i = begin; i < end; i++) { sum += load_counts(i); }
  sums[lane] = sum;
  workgroupBarrier();
  var before = 0u;
  for (var i = 0u; i < lane; i++) { before += sums[i]; }
  for (var i = begin; i < end; i++) {
    store_before(i, before);
    before += load_counts(i);
  }
  if (lane == LANES - 1u) { store_total(0u, i32(before)); }
}
