// The image with some pixels replaced by the mean of their neighbors along each axis, mirrored at the borders.

// Whether volumes have neighbors along z as well.
override VOLUME: bool = false;

struct Params {
  // The first masked pixel along x, y and z, and the distance to the next.
  first: vec3i,
  // Pixels of a row.
  width: i32,
  step: vec3i,
  depth: i32,
  shift: u32,
}

// The two neighbors of a place; beyond the border the mirror's one, which for a single place is itself.
fn neighbors(place: i32, count: i32) -> vec2i {
  let last = select(place - 1, min(1, count - 1), place == 0);
  let next = select(place + 1, max(count - 2, 0), place + 1 == count);
  return vec2i(last, next);
}

fn are_multiples(numbers: vec4i, step: i32) -> vec4<bool> {
  return numbers / step * step == numbers;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_image();
  if ((place.x >= size.x) | (place.y >= size.y)) {
    return;
  }
  let x = place.x;
  let y = place.y;
  let layer = slab_begin() + i32(group.z);
  let z = layer - layer / params.depth * params.depth;
  let texel = load_image(x, y, layer);
  let columns = vec4i(4 * x) + vec4i(0, 1, 2, 3);
  let before = load_image(max(x - 1, 0), y, layer).w;
  let after = load_image(min(x + 1, size.x - 1), y, layer).x;
  let first = select(texel.y, texel.x, params.width == 1);
  let left = vec4f(select(before, first, x == 0), texel.xyz);
  let right = select(vec4f(texel.yzw, after), left, columns == vec4i(params.width - 1));
  let rows = neighbors(y, size.y);
  let above = load_image(x, rows.x, layer);
  let below = load_image(x, rows.y, layer);
  var mean = 0.25 * ((left + right) + (above + below));
  if (VOLUME) {
    let layers = vec2i(layer - z) + neighbors(z, params.depth);
    let nearer = load_image(x, y, layers.x);
    let farther = load_image(x, y, layers.y);
    mean = ((left + right) + (above + below) + (nearer + farther)) / 6.0;
  }
  let masked_x = (columns >= vec4i(params.first.x)) & are_multiples(columns - params.first.x, params.step.x);
  let masked_y = (y >= params.first.y) & are_multiples(vec4i(y - params.first.y), params.step.y).x;
  let masked_z = (z >= params.first.z) & are_multiples(vec4i(z - params.first.z), params.step.z).x;
  store_result(x, y, layer, select(texel, mean, masked_x & vec4<bool>(masked_y & masked_z)));
}
