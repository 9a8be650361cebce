// The rows of a real image from lines that hold four of them each (see fourier_pack.wgsl).

struct Params {
  // Pixels of a row.
  width: i32,
  // Least and greatest value of a pixel.
  low: f32,
  high: f32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_image().x);
  let size = size_image();
  if (place.y >= size_lines().y) {
    return;
  }
  let layer = i32(group.z) + slab_begin();
  var columns: array<vec4f, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let texel = load_lines(min(4 * place.x + i, params.width - 1), place.y, layer);
    columns[i] = clamp(texel, vec4f(params.low), vec4f(params.high));
  }
  // @unroll
  for (var i = 0; i < 4; i++) {
    if (4 * place.y + i < size.y) {
      let row = vec4f(columns[0][i], columns[1][i], columns[2][i], columns[3][i]);
      store_image(place.x, 4 * place.y + i, layer, row);
    }
  }
}
