// Four rows of a real image as two complex lines: rows 4 j and 4 j + 1 are real parts, rows 4 j + 2 and 4 j + 3 the
// imaginary ones. The transform of such a line holds those of both rows.

struct Params {
  // Pixels of a row.
  width: i32,
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
  var rows: array<vec4f, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let y = 4 * place.y + i;
    rows[i] = select(vec4f(), load_image(place.x, min(y, size.y - 1), layer), y < size.y);
  }
  // @unroll
  for (var i = 0; i < 4; i++) {
    if (4 * place.x + i < params.width) {
      store_lines(4 * place.x + i, place.y, layer, vec4f(rows[0][i], rows[1][i], rows[2][i], rows[3][i]));
    }
  }
}
