// Matrix product, one element per invocation. A long sum is split over several dispatches, each of which continues from
// what the one before it stored.

const WORKGROUP = 64; // @tune
// 1 where a dispatch before this one has stored a part of the sum; 1 where this one completes it.
override CONTINUES: u32 = 0u;
override COMPLETES: u32 = 1u;

struct Params {
  alpha: f32,
  beta: f32,
  rows: u32,
  columns: u32,
  c_row: u32,
  c_column: u32,
  a_row: u32,
  a_k: u32,
  a_batch: u32,
  b_k: u32,
  b_column: u32,
  b_batch: u32,
  // Elements along k of this dispatch.
  begin: u32,
  end: u32,
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let line = index / params.columns;
  let column = index - line * params.columns;
  let batch = line / params.rows;
  let row = line - batch * params.rows;
  let a = load_batches(2u * batch) * params.a_batch + row * params.a_row;
  let b = load_batches(2u * batch + 1u) * params.b_batch + column * params.b_column;

  // Four sums side by side: fewer iterations, and errors grow with a quarter of the length.
  var sums = vec4f();
  let end = loop_count_u(params.end, lane);
  let quarter = (end - params.begin) / 4u;
  for (var k = 0u; k < quarter; k++) {
    // @unroll
    for (var j = 0; j < 4; j++) {
      let at = params.begin + k * 4u + u32(j);
      sums[j] += load_a(a + at * params.a_k) * load_b(b + at * params.b_k);
    }
  }
  var sum = (sums.x + sums.y) + (sums.z + sums.w);
  for (var at = params.begin + quarter * 4u; at < end; at++) {
    sum += load_a(a + at * params.a_k) * load_b(b + at * params.b_k);
  }
  if (CONTINUES == 1u) { sum += load_y(index); }
  if (COMPLETES == 1u) {
    var c = 0.0;
    if (HAS_C > 0u) { c = load_c(c_index(row, column)); }
    var added = 0.0;
    if (HAS_ADDED == 1u) { added = load_added(index); }
    store_y(index, finished(sum, c, added));
  } else {
    store_y(index, sum);
  }
}
