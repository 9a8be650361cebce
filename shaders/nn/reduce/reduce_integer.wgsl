// Reduces the middle axis of [outer, length, inner] of whole numbers to `chunks` elements.

const WORKGROUP = 64; // @tune
// 0 sum, 1 product, 2 greatest, 3 least.
override COMBINE: u32 = 0u;
// 0 nothing, 1 square, 2 magnitude.
override BEFORE: u32 = 0u;
// 0 nothing, 3 divide by the number of elements.
override AFTER: u32 = 0u;

struct Params {
  length: u32,
  inner: u32,
  chunks: u32,
  elements: i32,
  shift: u32,
  is_signed: u32,
}

fn before(x: i32) -> i32 {
  return select(select(x, x * x, BEFORE == 1u), abs(x), BEFORE == 2u);
}

fn combine(a: i32, b: i32) -> i32 {
  switch COMBINE {
    case 1u: { return a * b; }
    case 2u: { return max(a, b); }
    case 3u: { return min(a, b); }
    default: { return a + b; }
  }
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
  let outer = line / params.chunks;
  let chunk = line - outer * params.chunks;
  let start = outer * params.length * params.inner + (index - line * params.inner);
  var total = before(load_x(start + chunk * params.inner));
  for (var k = chunk + params.chunks; k < params.length; k += params.chunks) {
    total = combine(total, before(load_x(start + k * params.inner)));
  }
  if (AFTER == 3u) { total /= params.elements; }
  store_y(index, wrap(total, params.shift, params.is_signed == 1u));
}
