// The image with some pixels replaced by the mean of their neighbors along each axis, mirrored at the borders.

// Whether volumes have neighbors along z as well.
override VOLUME: bool = false;

struct Params {
  border_x: vec4i,
  border_y: vec4i,
  border_z: vec4i,
  // The first masked pixel, and the distance to the next.
  first: vec3i,
  depth: i32,
  step: vec3i,
  shift: u32,
}

fn pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = border_source(x, params.border_x);
  return load_image(source / 4, y, layer)[source % 4];
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
  let z = layer % params.depth;
  let texel = load_image(x, y, layer);
  let left = vec4f(pixel(4 * x - 1, y, layer), texel.xyz);
  // The last pixel of a row may lie anywhere in its texel.
  let right = vec4f(
    pixel(4 * x + 1, y, layer),
    pixel(4 * x + 2, y, layer),
    pixel(4 * x + 3, y, layer),
    pixel(4 * x + 4, y, layer),
  );
  let above = load_image(x, border_source(y - 1, params.border_y), layer);
  let below = load_image(x, border_source(y + 1, params.border_y), layer);
  var mean = 0.25 * ((left + right) + (above + below));
  if (VOLUME) {
    let origin = layer - z;
    let before = load_image(x, y, origin + border_source(z - 1, params.border_z));
    let behind = load_image(x, y, origin + border_source(z + 1, params.border_z));
    mean = ((left + right) + (above + below) + (before + behind)) / 6.0;
  }
  let columns = vec4i(4 * x) + vec4i(0, 1, 2, 3);
  let masked_x = (columns >= vec4i(params.first.x)) & ((columns - params.first.x) % params.step.x == vec4i(0));
  let masked_y = (y >= params.first.y) & ((y - params.first.y) % params.step.y == 0);
  let masked_z = (z >= params.first.z) & ((z - params.first.z) % params.step.z == 0);
  store_result(x, y, layer, select(texel, mean, masked_x & vec4<bool>(masked_y & masked_z)));
}
