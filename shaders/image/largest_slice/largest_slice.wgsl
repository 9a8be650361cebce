// The slice of the most pixels; of equals the first.

var<workgroup> candidates: array<vec2u, 64>;

fn larger(a: vec2u, b: vec2u) -> vec2u {
  return select(a, b, (b.x > a.x) | ((b.x == a.x) & (b.y < a.y)));
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var best = vec2u(0u, 0xffffffffu);
  let slices = loop_count_u(length_areas(), lane);
  for (var i = lane; i < slices; i += 64u) {
    best = larger(best, vec2u(load_areas(i), i));
  }
  for (var step = 1u; step < 64u; step *= 2u) {
    candidates[lane] = best;
    workgroupBarrier();
    best = larger(best, candidates[lane ^ step]);
    workgroupBarrier();
  }
  if (lane == 0u) {
    store_output(0u, f32(best.y));
  }
}
