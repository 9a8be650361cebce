// Multiply-adds in registers: the arithmetic that a page can reach at most. Few accumulators and many steps per iteration suit
// drivers that keep old and new values over an iteration's end, many accumulators suit GPUs: the bench takes the best.
// Libs give `real`, the numbers' type, and where a step has its factor from.

const ACCUMULATORS = 3; // @tune
const STEPS = 32; // @tune

struct Params { factor: f32, addend: f32, iterations: i32 }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var held = real(params.factor);
  let addend = vec4<real>(real(params.addend));
  var sums: array<vec4<real>, ACCUMULATORS>;
  // @unroll
  for (var k = 0; k < ACCUMULATORS; k++) {
    sums[k] = vec4<real>(vec4f(f32(id.x & 255u) * f32(k + 1), f32(id.x & 255u), 1.0, f32(k)));
  }
  for (var iteration = 0; iteration < params.iterations; iteration++) {
    held = next_held(held, id.x);
    // Neighbors in the text don't depend on one another, and every product is of a value that changes.
    // @unroll
    for (var step = 0; step < STEPS; step++) {
      let factor = factor_of(held, u32(step));
      // @unroll
      for (var k = 0; k < ACCUMULATORS; k++) {
        sums[k] = sums[k] * factor + addend;
      }
    }
  }
  var total = vec4<real>();
  // @unroll
  for (var k = 0; k < ACCUMULATORS; k++) {
    total += sums[k];
  }
  store_result(id.x, f32(total.x + total.y + total.z + total.w));
}
