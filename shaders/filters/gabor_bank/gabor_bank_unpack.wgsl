// The real parts of complex numbers, two columns per texel, and the image's mean as layers of an image; what was continued beyond its border is
// left out.

struct Params {
  // Pixels of the image along x, y, z.
  size: vec3i,
  // The first channel (or slice) of the image.
  first: i32,
  // Layers of a channel (or slice) of the numbers.
  padded_depth: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_image().x);
  let size = size_image();
  if (place.y >= size.y) {
    return;
  }
  let stack = i32(group.z) / params.size.z;
  let z = i32(group.z) - stack * params.size.z;
  let layer = stack * params.padded_depth + z;
  let image_layer = (params.first + stack) * params.size.z + z;
  let mean = load_mean(u32(params.first + stack));
  let last = (params.size.x - 1) / 2;
  let first = load_numbers(2 * place.x, place.y, layer);
  let second = load_numbers(min(2 * place.x + 1, last), place.y, layer);
  store_image(place.x, place.y, image_layer, mean + vec4f(first.xy, second.xy));
}
