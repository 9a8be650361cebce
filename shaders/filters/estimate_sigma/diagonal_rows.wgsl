// High-pass coefficients along x of the wavelet db2, border symmetric: out(k) = sum over j of taps(j) * image(2 k + 1 - j).
// The taps sum to 0, so that differences to one of the pixels do as well as pixels: where they are equal the result is
// exactly 0, and a great mean costs no digits. An invocation makes a texel of ROWS rows.

const ROWS = 4;

// Whether pixels beyond the border are needed: they are then read one by one.
override EDGE: bool = false;

struct Params {
  taps: vec4f,
  border: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  shift: u32,
}

fn pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = border_source(x, params.border);
  let texel = load_image(source / 4, y, layer);
  return texel[source & 3];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_result();
  let tile = row_tile(group, lane, (size.y + ROWS - 1) / ROWS);
  if (!tile.there) {
    return;
  }
  let x = tile.x;
  let layer = tile.layer;
  // @unroll
  for (var i = 0; i < ROWS; i++) {
    // The last rows of the last tile repeat.
    let y = min(tile.y * ROWS + i, size.y - 1);
    // Pixels 8 x - 2 to 8 x + 7: those at odd places, and those at even ones.
    var odd: array<f32, 5>;
    var even: array<f32, 5>;
    if (EDGE) {
      // @unroll
      for (var k = 0; k < 5; k++) {
        even[k] = pixel(8 * x - 2 + 2 * k, y, layer);
        odd[k] = pixel(8 * x - 1 + 2 * k, y, layer);
      }
    } else {
      let before = load_image(2 * x - 1, y, layer);
      let first = load_image(2 * x, y, layer);
      let second = load_image(2 * x + 1, y, layer);
      even[0] = before.z;
      odd[0] = before.w;
      even[1] = first.x;
      odd[1] = first.y;
      even[2] = first.z;
      odd[2] = first.w;
      even[3] = second.x;
      odd[3] = second.y;
      even[4] = second.z;
      odd[4] = second.w;
    }
    let base = vec4f(even[1], even[2], even[3], even[4]);
    let after = vec4f(odd[1], odd[2], odd[3], odd[4]) - base;
    let left = vec4f(odd[0], odd[1], odd[2], odd[3]) - base;
    let far = vec4f(even[0], even[1], even[2], even[3]) - base;
    store_result(x, y, layer, params.taps.x * after + params.taps.z * left + params.taps.w * far);
  }
}
