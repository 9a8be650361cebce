// Linear resizing of x and y, and of z in volumes, to twice their size, where an output lies a quarter of a pixel beside the middle
// of the one that it is in: the 2x2(x2) outputs within a pixel from its 3x3(x3) neighbors, by one invocation. One beyond
// the end repeats the last, as stores without a condition are faster.

// 1 where the third axis is doubled as well.
const VOLUME = 0; // @tune
const PLANES = 1 + 2 * VOLUME;

override HAS_ADDED: u32 = 0u;

// Width, height, depth of the input.
struct Params { input: vec4i }

fn between(a: vec4f, b: vec4f, weight: f32) -> vec4f {
  return a * (1.0 - weight) + b * weight;
}

fn store_result(x: i32, y: i32, layer: i32, value: vec4f) {
  var added = vec4f();
  if (HAS_ADDED == 1u) { added = load_added(x, y, layer); }
  store_y(x, y, layer, epilogue_steps(value, added));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_x();
  let column = min(i32(id.x), size.x - 1);
  let row = min(i32(id.y), size.y - 1);
  let layer = slab_begin() + i32(id.z);
  let first_column = column / params.input.x * params.input.x;
  let first_layer = layer / params.input.z * params.input.z;
  let columns = vec2i(max(column - 1, first_column), min(column + 1, first_column + params.input.x - 1));
  let rows = vec3i(max(row - 1, 0), row, min(row + 1, params.input.y - 1));
  var before: array<vec4f, 4>;
  // @unroll
  for (var k = 0; k < PLANES; k++) {
    let z = clamp(layer + k - VOLUME, first_layer, first_layer + params.input.z - 1);
    var wide: array<vec4f, 6>;
    // @unroll
    for (var r = 0; r < 3; r++) {
      let middle = load_x(column, rows[r], z);
      wide[2 * r] = between(load_x(columns.x, rows[r], z), middle, 0.75);
      wide[2 * r + 1] = between(middle, load_x(columns.y, rows[r], z), 0.25);
    }
    var plane: array<vec4f, 4>;
    // @unroll
    for (var i = 0; i < 4; i++) {
      plane[i] = between(wide[i], wide[i + 2], 0.75 - 0.5 * f32(i / 2));
    }
    // @unroll
    for (var i = 0; i < 4; i++) {
      if (VOLUME == 0) {
        store_result(2 * column + i % 2, 2 * row + i / 2, layer, plane[i]);
      }
      if (VOLUME * k > 0) {
        let value = between(before[i], plane[i], 0.75 - 0.5 * f32(k - 1));
        store_result(2 * column + i % 2, 2 * row + i / 2, 2 * layer + k - 1, value);
      }
      before[i] = plane[i];
    }
  }
}
