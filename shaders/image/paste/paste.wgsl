// Draws patches into their boxes: each invocation makes one pixel. Sizes are (height, width).

struct Params {
  image_size: vec2i,
  patch_size: vec2i,
  channels: u32,
  // boxes
  count: u32,
}

// The patch's pixel at or before a distance from the box's begin, and the part of the next one, border repeated.
fn position(distance: f32, side: f32, count: i32) -> vec2f {
  let scaled = distance * f32(count);
  let integer_part = floor(scaled / side);
  let part = (scaled - integer_part * side) / side - 0.5;
  let at = vec2f(integer_part + floor(part), part - floor(part));
  let last = vec2f(f32(count) - 1.0, 0.0);
  return select(select(at, last, at.x >= last.x), vec2f(0.0), at.x < 0.0);
}

fn pixel(plane: u32, y: f32, x: f32) -> f32 {
  let near = vec2u(min(vec2f(y, x), vec2f(params.patch_size - 1)));
  return load_patches((plane * u32(params.patch_size.x) + near.x) * u32(params.patch_size.y) + near.y);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane, 64u);
  if (index >= length_output()) {
    return;
  }
  let height = u32(params.image_size.x);
  let width = u32(params.image_size.y);
  let center = vec2f(f32(index % width), f32(index / width % height)) + 0.5;
  var found = -1;
  var low = vec2f(0.0);
  var side = vec2f(0.0);
  let count = loop_count_u(params.count, lane);
  for (var n = 0u; n < count; n++) {
    let begin = vec2f(load_boxes(4u * n), load_boxes(4u * n + 1u));
    let end = vec2f(load_boxes(4u * n + 2u), load_boxes(4u * n + 3u));
    let inside = all((center >= begin) & (center < end));
    found = select(found, i32(n), inside);
    low = select(low, begin, inside);
    side = select(side, end - begin, inside);
  }
  var value = load_input(index);
  if (found >= 0) {
    let plane = u32(found) * params.channels + index / (width * height);
    let x = position(center.x - low.x, side.x, params.patch_size.y);
    let y = position(center.y - low.y, side.y, params.patch_size.x);
    let upper = pixel(plane, y.x, x.x) * (1.0 - x.y) + pixel(plane, y.x, x.x + 1.0) * x.y;
    let lower = pixel(plane, y.x + 1.0, x.x) * (1.0 - x.y) + pixel(plane, y.x + 1.0, x.x + 1.0) * x.y;
    value = upper * (1.0 - y.y) + lower * y.y;
  }
  store_output(index, value);
}
