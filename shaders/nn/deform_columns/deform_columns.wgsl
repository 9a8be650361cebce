// What each position of a moved window sees of an image, with linear weights: one element of the columns per invocation.

const WORKGROUP = 64; // @tune
override HAS_MASK: u32 = 0u;

// Pairs are rows and columns.
struct Params {
  size: vec2i,
  output: vec2i,
  window: vec2i,
  strides: vec2i,
  dilations: vec2i,
  pads: vec2i,
  channels: i32,
  channels_a_group: i32,
}

fn pixel(plane: i32, at: vec2i) -> f32 {
  let near = clamp(at, vec2i(0), params.size - 1);
  let value = load_x(u32((plane * params.size.x + near.x) * params.size.y + near.y));
  return select(0.0, value, all(near == at));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let places = params.output.x * params.output.y;
  let taps = params.window.x * params.window.y;
  let line = i32(index) / places;
  let place = i32(index) - line * places;
  let plane = line / taps;
  let tap = line - plane * taps;
  let n = plane / params.channels;
  let groups = params.channels / params.channels_a_group;
  let group = (plane - n * params.channels) / params.channels_a_group;
  let moved = (n * groups + group) * taps + tap;
  let row = place / params.output.y;
  let out = vec2i(row, place - row * params.output.y);
  let tap_row = tap / params.window.y;
  let own = vec2i(tap_row, tap - tap_row * params.window.y);
  let start = vec2f(out * params.strides - params.pads + own * params.dilations);
  let offset = vec2f(load_offset(u32(2 * moved * places + place)), load_offset(u32((2 * moved + 1) * places + place)));
  let at = start + offset;
  let low = floor(at);
  let rest = at - low;
  // Beyond what an i32 holds there is nothing either.
  let corner = vec2i(clamp(low, vec2f(-1e9), vec2f(1e9)));
  let upper = pixel(plane, corner) * (1.0 - rest.y) + pixel(plane, corner + vec2i(0, 1)) * rest.y;
  let lower = pixel(plane, corner + vec2i(1, 0)) * (1.0 - rest.y) + pixel(plane, corner + vec2i(1, 1)) * rest.y;
  var value = upper * (1.0 - rest.x) + lower * rest.x;
  if (HAS_MASK == 1u) { value *= load_mask(u32(moved * places + place)); }
  store_y(index, value);
}
