// Running sums or products along the middle axis of [outer, length, inner]: one chunk of a line per invocation, which
// starts from `before` where there is one and gives all running values, or the chunk's total alone.

const WORKGROUP = 64; // @tune
override FLOAT: u32 = 1u;
override PRODUCT: u32 = 0u;
override EXCLUSIVE: u32 = 0u;
override REVERSE: u32 = 0u;
override HAS_BEFORE: u32 = 0u;
override TOTALS: u32 = 0u;

struct Params { length: u32, inner: u32, chunks: u32, steps: u32, lines: u32 }

fn combined(a: u32, b: u32) -> u32 {
  let x = bitcast<f32>(a);
  let y = bitcast<f32>(b);
  let float = bitcast<u32>(select(x + y, x * y, PRODUCT == 1u));
  return select(select(a + b, a * b, PRODUCT == 1u), float, FLOAT == 1u);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= params.lines) { return; }
  let line = index / params.inner;
  let outer = line / params.chunks;
  let chunk = line - outer * params.chunks;
  let start = outer * params.length * params.inner + index - line * params.inner;
  let one = select(1u, 0x3f800000u, FLOAT == 1u);
  var run = select(0u, one, PRODUCT == 1u);
  if (HAS_BEFORE == 1u) { run = load_before(index); }
  let begin = chunk * params.steps;
  let end = min(begin + params.steps, params.length);
  for (var k = begin; k < end; k++) {
    // From the end of the chunk to its beginning, where it runs in reverse.
    let at = start + select(k, end - 1u - (k - begin), REVERSE == 1u) * params.inner;
    let next = combined(run, load_x(at));
    if (TOTALS == 0u) { store_y(at, select(next, run, EXCLUSIVE == 1u)); }
    run = next;
  }
  if (TOTALS == 1u) { store_y(index, run); }
}
