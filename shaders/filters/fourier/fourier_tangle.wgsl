// Two complex lines from the transforms of the four real rows that they shall hold (see fourier_untangle.wgsl). The
// imaginary parts of the frequency 0 and of half the length don't count: they are 0 for real rows.

struct Params {
  // Numbers of a line.
  width: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_spectrum().x);
  let size = size_spectrum();
  if (place.y >= size_lines().y) {
    return;
  }
  let layer = i32(group.z) + slab_begin();
  var rows: array<vec4f, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let y = 4 * place.y + i;
    rows[i] = select(vec4f(), load_spectrum(place.x, min(y, size.y - 1), layer), y < size.y);
  }
  // @unroll
  for (var i = 0; i < 2; i++) {
    let k = 2 * place.x + i;
    let real = vec4f(rows[0][i], rows[1][i], rows[2][i], rows[3][i]);
    let alone = (k == 0) | (2 * k == params.width);
    let imaginary = select(vec4f(rows[0][i + 2], rows[1][i + 2], rows[2][i + 2], rows[3][i + 2]), vec4f(), alone);
    let crossed = vec4f(-imaginary.zw, imaginary.xy);
    if (2 * k <= params.width) {
      store_lines(k, place.y, layer, real + crossed);
    }
    if ((2 * k < params.width) & (k > 0)) {
      store_lines(params.width - k, place.y, layer, real - crossed);
    }
  }
}
