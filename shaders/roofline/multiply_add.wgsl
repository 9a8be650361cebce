// Multiply-adds in registers: the arithmetic that a page can reach at most. 8 vectors of 4, 2 operations each.

struct Params { factor: f32, turns: i32 }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let seed = vec4f(f32(id.x));
  var sums = array<vec4f, 8>();
  for (var turn = 0; turn < params.turns; turn++) {
    // @unroll
    for (var k = 0; k < 8; k++) {
      sums[k] = sums[k] * params.factor + seed;
    }
  }
  var total = vec4f();
  // @unroll
  for (var k = 0; k < 8; k++) {
    total += sums[k];
  }
  store_result(id.x, total.x + total.y + total.z + total.w);
}
