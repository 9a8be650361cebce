// First level of the choice: the largest component of each of 64 workgroups as (pixels, label).

var<workgroup> candidates: array<vec2u, 64>;

// The larger one; of equals the smaller label.
fn larger(a: vec2u, b: vec2u) -> vec2u {
  return select(a, b, (b.x > a.x) | ((b.x == a.x) & (b.y < a.y)));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var best = vec2u(0u, 0xffffffffu);
  let elements = loop_count_u(length_counts(), lane);
  for (var i = group.x * 64u + lane; i < elements; i += 4096u) {
    best = larger(best, vec2u(load_counts(i), i + 1u));
  }
  for (var step = 1u; step < 64u; step *= 2u) {
    candidates[lane] = best;
    workgroupBarrier();
    best = larger(best, candidates[lane ^ step]);
    workgroupBarrier();
  }
  if (lane < 2u) {
    store_best(2u * group.x + lane, best[lane]);
  }
}
