// Nearest or linear resizing along up to three neighboring axes: [outer, z, y, x, inner]. Where each output position
// lies was computed by the host: `table` has for each axis and position the two neighbors and the second one's weight.

const WORKGROUP = 64; // @tune
override LINEAR: u32 = 0u;
override HAS_ADDED: u32 = 0u;

struct Params {
  input: vec4u,
  output: vec4u,
  // Where each axis begins in the table.
  begin: vec4u,
  inner: u32,
}

// A weight of 0 leaves the other out: it may be infinite.
fn mix_of(a: f32, b: f32, weight: f32) -> f32 {
  return select(a * (1.0 - weight) + b * weight, a, weight == 0.0);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let pixel = index / params.inner;
  let row = pixel / params.output.x;
  let plane = row / params.output.y;
  let outer = plane / params.output.z;
  let begin = params.begin.xyz
    + 3u * vec3u(pixel - row * params.output.x, row - plane * params.output.y, plane - outer * params.output.z);
  let first = index - pixel * params.inner + outer * params.input.x * params.input.y * params.input.z * params.inner;
  let step = params.inner * vec3u(1u, params.input.x, params.input.x * params.input.y);
  let near = vec3u(u32(load_table(begin.x)), u32(load_table(begin.y)), u32(load_table(begin.z))) * step;
  var value = load_x(first + near.x + near.y + near.z);
  if (LINEAR == 1u) {
    let far = vec3u(u32(load_table(begin.x + 1u)), u32(load_table(begin.y + 1u)), u32(load_table(begin.z + 1u))) * step;
    let weight = vec3f(load_table(begin.x + 2u), load_table(begin.y + 2u), load_table(begin.z + 2u));
    var planes: array<f32, 2>;
    // @unroll
    for (var k = 0; k < 2; k++) {
      let start = first + select(near.z, far.z, k == 1);
      let upper = mix_of(load_x(start + near.y + near.x), load_x(start + near.y + far.x), weight.x);
      let lower = mix_of(load_x(start + far.y + near.x), load_x(start + far.y + far.x), weight.x);
      planes[k] = mix_of(upper, lower, weight.y);
    }
    value = mix_of(planes[0], planes[1], weight.z);
  }
  var added = 0.0;
  if (HAS_ADDED == 1u) { added = load_added(index); }
  store_y(index, epilogue_steps_1(value, added));
}
