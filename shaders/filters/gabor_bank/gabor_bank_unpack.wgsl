// The real parts of complex numbers, two rows a texel, as layers of an image; what was continued beyond its border is
// left out.

struct Params {
  // Pixels of the image along x, y, z.
  size: vec3i,
  // The first channel (or slice) of the image.
  first: i32,
  // Layers of a channel (or slice) of the lines.
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
  if (2 * place.y >= size.y) {
    return;
  }
  let stack = i32(group.z) / params.size.z;
  let z = i32(group.z) - stack * params.size.z;
  let layer = stack * params.padded_depth + z;
  let image_layer = (params.first + stack) * params.size.z + z;
  var columns: array<vec4f, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    columns[i] = load_lines(min(4 * place.x + i, params.size.x - 1), place.y, layer);
  }
  // @unroll
  for (var i = 0; i < 2; i++) {
    if (2 * place.y + i < size.y) {
      let row = vec4f(columns[0][i], columns[1][i], columns[2][i], columns[3][i]);
      store_image(place.x, 2 * place.y + i, image_layer, row);
    }
  }
}
