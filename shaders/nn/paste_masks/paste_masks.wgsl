// Each mask resized to its box and drawn into an image of its own: an invocation makes one pixel.

const WORKGROUP = 64; // @tune

struct Params { mask_rows: i32, mask_columns: i32, height: i32, width: i32 }

// Along one axis, of a box from `begin` to `end` (both inside) in an image of `size`: the first and last pixel (x, y) that
// it is drawn to, and the pixel of the resized mask that comes first (z). The part that lies inside is cut out of the
// resized mask, where a negative end counts backward.
fn part(begin: i32, end: i32, size: i32) -> vec3i {
  let length = max(end - begin + 1, 1);
  let first = max(begin, 0);
  let stop = min(end + 1, size) - begin;
  let start = min(first - begin, length);
  let count = max(clamp(select(stop, stop + length, stop < 0), 0, length) - start, 0);
  return vec3i(first, first + count - 1, start);
}

// The neighbors of a pixel of the resized axis (x, y), and the weight of the second.
fn neighbors(at: i32, length: i32, size: i32) -> vec3f {
  let place = clamp((f32(at) + 0.5) * (f32(size) / f32(length)) - 0.5, 0.0, f32(size - 1));
  let low = floor(place);
  return vec3f(low, min(low + 1.0, f32(size - 1)), place - low);
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
  let row = index / u32(params.width);
  let mask = row / u32(params.height);
  let x = i32(index - row * u32(params.width));
  let y = i32(row - mask * u32(params.height));
  let left = load_boxes(4u * mask);
  let top = load_boxes(4u * mask + 1u);
  let right = load_boxes(4u * mask + 2u);
  let bottom = load_boxes(4u * mask + 3u);
  let columns = part(left, right, params.width);
  let rows = part(top, bottom, params.height);
  var value = 0.0;
  if (all(vec4<bool>(x >= columns.x, x <= columns.y, y >= rows.x, y <= rows.y))) {
    let h = neighbors(x - columns.x + columns.z, max(right - left + 1, 1), params.mask_columns);
    let v = neighbors(y - rows.x + rows.z, max(bottom - top + 1, 1), params.mask_rows);
    let size = u32(params.mask_rows * params.mask_columns);
    let upper = mask * size + u32(v.x) * u32(params.mask_columns);
    let lower = mask * size + u32(v.y) * u32(params.mask_columns);
    value = mix_of(
      mix_of(load_masks(upper + u32(h.x)), load_masks(upper + u32(h.y)), h.z),
      mix_of(load_masks(lower + u32(h.x)), load_masks(lower + u32(h.y)), h.z),
      v.z,
    );
  }
  store_y(index, value);
}
