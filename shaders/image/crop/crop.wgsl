// Cuts out and resamples boxes: each invocation makes one pixel of one crop. Sizes are (height, width).

struct Params {
  from_size: vec2i,
  to_size: vec2i,
  channels: u32,
}

// The pixel at or before the center of cell `i` of `count` cells from `begin` to `end`, and the part of the next one.
// Whole and fractional parts go apart, so that no digits are lost.
fn position(begin: f32, end: f32, i: u32, count: i32) -> vec2f {
  let unit = 2.0 * f32(count);
  let doubled = f32(2u * i + 1u) * (end - begin);
  let integer_part = floor(doubled / unit);
  let part = (doubled - integer_part * unit) / unit + (begin - floor(begin)) - 0.5;
  return vec2f(floor(begin) + integer_part + floor(part), part - floor(part));
}

fn pixel(channel: u32, y: f32, x: f32) -> f32 {
  let size = vec2f(params.from_size);
  let at = vec2f(y, x);
  let inside = all((at >= vec2f(0.0)) & (at < size));
  let near = vec2u(clamp(at, vec2f(0.0), size - 1.0));
  let value = load_input((channel * u32(params.from_size.x) + near.x) * u32(params.from_size.y) + near.y);
  return select(0.0, value, inside);
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
  let height = u32(params.to_size.x);
  let width = u32(params.to_size.y);
  let channel = index / (height * width) % params.channels;
  let box = index / (height * width * params.channels);
  let low = vec2f(load_boxes(4u * box + 1u), load_boxes(4u * box));
  let high = vec2f(load_boxes(4u * box + 3u), load_boxes(4u * box + 2u));
  var value = 0.0;
  if (all(high > low)) {
    let y = position(low.x, high.x, index / width % height, params.to_size.x);
    let x = position(low.y, high.y, index % width, params.to_size.y);
    let upper = pixel(channel, y.x, x.x) * (1.0 - x.y) + pixel(channel, y.x, x.x + 1.0) * x.y;
    let lower = pixel(channel, y.x + 1.0, x.x) * (1.0 - x.y) + pixel(channel, y.x + 1.0, x.x + 1.0) * x.y;
    value = upper * (1.0 - y.y) + lower * y.y;
  }
  store_output(index, value);
}
