// Resamples one axis: each invocation makes one new pixel of its line. Positions are integers over 2 * to_size.

// 0 linear, 1 nearest, 2 area, 3 from coefficients of a spline, 4 these coefficients with two more beyond either border
override METHOD: u32 = 0u;

struct Params {
  from_size: u32,
  to_size: u32,
  // elements between neighbors along the axis
  stride: u32,
  // lines of `stride` neighbors that make a layer
  lines: u32,
}

fn pixel(line: u32, at: u32) -> f32 {
  return load_input(line + at * params.stride);
}

fn linear(line: u32, i: u32) -> f32 {
  let unit = 2u * params.to_size;
  let center = (2u * i + 1u) * params.from_size;
  // half a pixel back, within the first and the last center
  let position = clamp(center, params.to_size, params.to_size + unit * (params.from_size - 1u)) - params.to_size;
  let low = position / unit;
  let part = f32(position - low * unit) / f32(unit);
  return pixel(line, low) * (1.0 - part) + pixel(line, min(low + 1u, params.from_size - 1u)) * part;
}

fn nearest(line: u32, i: u32) -> f32 {
  return pixel(line, (2u * i + 1u) * params.from_size / (2u * params.to_size));
}

fn area(line: u32, i: u32) -> f32 {
  // in units of 1 / to_size old pixels
  let begin = i * params.from_size;
  let end = begin + params.from_size;
  var sum = 0.0;
  for (var at = begin / params.to_size; at * params.to_size < end; at++) {
    let covered = min(end, (at + 1u) * params.to_size) - max(begin, at * params.to_size);
    sum += f32(covered) * pixel(line, at);
  }
  return sum / f32(params.from_size);
}

// The spline's coefficients fall off by this factor from a pixel to its neighbor: after 12 it is below the rounding of f32.
const pole = -0.26794919243;

fn coefficient(line: u32, i: u32) -> f32 {
  let last = i32(params.from_size) - 1;
  let at = i32(i) - 2;
  var sum = 0.0;
  for (var k = 12; k > 0; k--) {
    sum = pole * (sum + pixel(line, u32(clamp(at - k, 0, last))) + pixel(line, u32(clamp(at + k, 0, last))));
  }
  return 1.7320508076 * (sum + pixel(line, u32(clamp(at, 0, last))));
}

fn spline(line: u32, i: u32) -> f32 {
  let unit = 2u * params.to_size;
  let pixels = params.from_size - 4u;
  let position = (2u * i + 1u) * pixels + 2u * unit - params.to_size;
  let low = position / unit;
  let t = f32(position - low * unit) / f32(unit);
  let s = 1.0 - t;
  let outer = vec2f(s * s * s, t * t * t) / 6.0;
  let inner = vec2f(2.0 / 3.0) - vec2f(t * t * (2.0 - t), s * s * (2.0 - s)) / 2.0;
  return outer.x * pixel(line, low - 1u) + inner.x * pixel(line, low) + inner.y * pixel(line, low + 1u) +
    outer.y * pixel(line, low + 2u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let layer = slab_begin() + i32(group.z);
  let each = params.lines * params.to_size * params.stride;
  let at = flat_index(group, groups, lane, 64u);
  if (at >= each) {
    return;
  }
  let index = u32(layer) * each + at;
  let inner = index % params.stride;
  let i = index / params.stride % params.to_size;
  let line = index / (params.stride * params.to_size) * params.stride * params.from_size + inner;
  switch METHOD {
    case 0u: { store_output(index, linear(line, i)); }
    case 1u: { store_output(index, nearest(line, i)); }
    case 2u: { store_output(index, area(line, i)); }
    case 3u: { store_output(index, spline(line, i)); }
    default: { store_output(index, coefficient(line, i)); }
  }
}
