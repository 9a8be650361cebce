// The greatest element or the average of small windows: PY outputs below each other per invocation, from rows that they share.

// 1 for the average, 0 for the greatest element.
const AVERAGE = 0; // @tune
// The window.
const KX = 3; // @tune
const KY = 3; // @tune
// Rows of the input from one output to the next.
const STRIDE = 1; // @tune
const PY = 4; // @tune
const ROWS = (PY - 1) * STRIDE + KY;

override HAS_ADDED: u32 = 0u;

struct Params {
  // Width, height, depth of one image.
  input: vec4i,
  output: vec4i,
  strides: vec4i,
  pads: vec4i,
  // Positions up to here count in an average: the input's size, or that and the pads.
  counted_end: vec4i,
  // And from here on: 0, or the pads before it.
  counted_begin: vec4i,
  // Runs of PY rows of an output.
  tiles: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(workgroup_id, num_workgroups, lane, size_y().x);
  let slab_layer = place.y / params.tiles;
  let layer = slab_begin() + slab_layer;
  if (layer >= slab_end()) { return; }
  let n = place.x / params.output.x;
  let block = layer / params.output.z;
  let first_y = (place.y - slab_layer * params.tiles) * PY;
  let start = vec3i(
    (place.x - n * params.output.x) * params.strides.x,
    first_y * STRIDE,
    (layer - block * params.output.z) * params.strides.z,
  ) - params.pads.xyz;

  var columns: array<i32, KX>;
  var inside_x: array<bool, KX>;
  // @unroll
  for (var i = 0; i < KX; i++) {
    let x = start.x + i;
    inside_x[i] = (x >= 0) & (x < params.input.x);
    columns[i] = n * params.input.x + clamp(x, 0, params.input.x - 1);
  }
  let inside_z = (start.z >= 0) & (start.z < params.input.z);
  let source_layer = block * params.input.z + clamp(start.z, 0, params.input.z - 1);
  var sums: array<vec4f, ROWS>;
  var keys: array<vec4i, ROWS>;
  // @unroll
  for (var r = 0; r < ROWS; r++) {
    let y = start.y + r;
    let inside = inside_z & (y >= 0) & (y < params.input.y);
    let source_row = clamp(y, 0, params.input.y - 1);
    var sum = vec4f();
    var key = vec4i(lowest_key);
    // @unroll
    for (var i = 0; i < KX; i++) {
      let value = load_x(columns[i], source_row, source_layer);
      if (AVERAGE == 1) {
        sum += select(vec4f(), value, inside & inside_x[i]);
      }
      if (AVERAGE == 0) {
        key = max(key, select(vec4i(lowest_key), key_of(value), inside & inside_x[i]));
      }
    }
    sums[r] = sum;
    keys[r] = key;
  }

  let window = vec3i(KX, KY, 1);
  // @unroll
  for (var p = 0; p < PY; p++) {
    var sum = sums[p * STRIDE];
    var key = keys[p * STRIDE];
    // @unroll
    for (var k = 1; k < KY; k++) {
      sum += sums[p * STRIDE + k];
      key = max(key, keys[p * STRIDE + k]);
    }
    let first = start + vec3i(0, p * STRIDE, 0);
    let counted = max(min(first + window, params.counted_end.xyz) - max(first, params.counted_begin.xyz), vec3i());
    let average = sum / f32(max(counted.x * counted.y * counted.z, 1));
    let value = select(greatest_of(key), average, AVERAGE == 1);
    let y = first_y + p;
    if (y < params.output.y) {
      var added = vec4f();
      if (HAS_ADDED == 1u) { added = load_added(place.x, y, layer); }
      store_y(place.x, y, layer, epilogue_steps(value, added));
    }
  }
}
