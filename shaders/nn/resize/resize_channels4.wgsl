// Nearest or linear resizing of the spatial axes on texels of four channels. Where each output position lies was
// computed by the host: `table` has for each axis and position the two neighbors and the second one's weight.

// Rows of an invocation, which has the columns and slices of its table once for all.
const ROWS = 4;

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
  let size = size_y();
  let at = vec3i(id) * vec3i(1, ROWS, 1) + vec3i(0, 0, slab_begin());
  if (any(at >= size)) { return; }
  let n = at.x / params.output.x;
  let block = at.z / params.output.z;
  let begin = params.begin.xyz
    + 3u * vec3u(u32(at.x - n * params.output.x), u32(at.y), u32(at.z - block * params.output.z));
  let first_column = n * params.input.x;
  let first_layer = block * params.input.z;
  var columns = vec2i(i32(load_table(begin.x)));
  var layers = vec2i(i32(load_table(begin.z)));
  var weight = vec3f();
  if (LINEAR == 1u) {
    columns.y = i32(load_table(begin.x + 1u));
    layers.y = i32(load_table(begin.z + 1u));
    weight.x = load_table(begin.x + 2u);
    weight.z = load_table(begin.z + 2u);
  }
  columns += first_column;
  layers += first_layer;
  // @unroll
  for (var i = 0; i < ROWS; i++) {
    let y = at.y + i;
    if (y < size.y) {
      let row = begin.y + 3u * u32(i);
      let near = i32(load_table(row));
      var value: vec4f;
      if (LINEAR == 1u) {
        let rows = vec2i(near, i32(load_table(row + 1u)));
        let weights = vec2f(weight.x, load_table(row + 2u));
        value = plane(columns, rows, layers.x, weights);
        if (VOLUME == 1u) { value = mix_of(value, plane(columns, rows, layers.y, weights), weight.z); }
      } else {
        value = load_x(columns.x, near, layers.x);
      }
      var added = vec4f();
      if (HAS_ADDED == 1u) { added = load_added(at.x, y, at.z); }
      store_y(at.x, y, at.z, epilogue_steps(value, added));
    }
  }
}
