// Layers of a real image less its mean as complex numbers, two columns per texel, continued beyond its border: half of what an axis has
// more than the image follows the last pixel, the other half comes before the first one, as the transform is periodic.

struct Params {
  border_x: vec4i,
  border_y: vec4i,
  border_z: vec4i,
  // Pixels of the image along x, y, z, and of the periodic one.
  size: vec3i,
  // The first channel (or slice, where slices are filtered one by one) of the image.
  first: i32,
  padded: vec3i,
}

// Place in the image of a place along an axis of the periodic one.
fn source(place: i32, count: i32, padded: i32, rule: vec4i) -> i32 {
  let before = place >= count + (padded - count + 1) / 2;
  return border_source(select(place, place - padded, before), rule);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_numbers().x);
  if (place.y >= size_numbers().y) {
    return;
  }
  let layer = i32(group.z);
  let stack = layer / params.padded.z;
  let z = source(layer - stack * params.padded.z, params.size.z, params.padded.z, params.border_z);
  let image_layer = (params.first + stack) * params.size.z + z;
  let y = source(place.y, params.size.y, params.padded.y, params.border_y);
  let mean = load_mean(u32(params.first + stack));
  var pixels = vec2f();
  // @unroll
  for (var i = 0; i < 2; i++) {
    let column = min(2 * place.x + i, params.padded.x - 1);
    let x = source(column, params.size.x, params.padded.x, params.border_x);
    pixels[i] = load_image(x / 4, y, image_layer)[x & 3] - mean;
  }
  store_numbers(place.x, place.y, layer, vec4f(pixels, 0.0, 0.0));
}
