// Nearest or linear resizing of the spatial axes on texels of four channels. Where each output position lies was
// computed by the host: `table` has for each axis and position the two neighbors and the second one's weight.

override LINEAR: u32 = 0u;
// 1 where the third axis is resized as well.
override VOLUME: u32 = 0u;
override HAS_ADDED: u32 = 0u;

struct Params {
  input: vec4i,
  output: vec4i,
  // Where each axis begins in the table.
  begin: vec4u,
}

// A weight of 0 leaves the other out: it may be infinite.
fn mix_of(a: vec4f, b: vec4f, weight: f32) -> vec4f {
  return select(a * (1.0 - weight) + b * weight, a, weight == 0.0);
}

fn plane(columns: vec2i, rows: vec2i, layer: i32, weight: vec2f) -> vec4f {
  let upper = mix_of(load_x(columns.x, rows.x, layer), load_x(columns.y, rows.x, layer), weight.x);
  let lower = mix_of(load_x(columns.x, rows.y, layer), load_x(columns.y, rows.y, layer), weight.x);
  return mix_of(upper, lower, weight.y);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at >= size_y())) { return; }
  let n = at.x / params.output.x;
  let block = at.z / params.output.z;
  let begin = params.begin.xyz
    + 3u * vec3u(u32(at.x - n * params.output.x), u32(at.y), u32(at.z - block * params.output.z));
  let near = vec3i(i32(load_table(begin.x)), i32(load_table(begin.y)), i32(load_table(begin.z)));
  let layer = block * params.input.z;
  var value: vec4f;
  if (LINEAR == 1u) {
    let far = vec3i(i32(load_table(begin.x + 1u)), i32(load_table(begin.y + 1u)), i32(load_table(begin.z + 1u)));
    let weight = vec3f(load_table(begin.x + 2u), load_table(begin.y + 2u), load_table(begin.z + 2u));
    let rows = vec2i(near.y, far.y);
    let columns = vec2i(near.x, far.x) + n * params.input.x;
    value = plane(columns, rows, layer + near.z, weight.xy);
    if (VOLUME == 1u) { value = mix_of(value, plane(columns, rows, layer + far.z, weight.xy), weight.z); }
  } else {
    value = load_x(n * params.input.x + near.x, near.y, layer + near.z);
  }
  var added = vec4f();
  if (HAS_ADDED == 1u) { added = load_added(at.x, at.y, at.z); }
  store_y(at.x, at.y, at.z, epilogue_steps(value, added));
}
