// The transforms of four real rows from those of the two complex lines that hold them, for the frequencies up to half the
// length; the others are their conjugates. A texel of the result holds two frequencies of a row.

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
  let last = params.width - 1;
  // The second frequency of the last texel may lie beyond the half, or beyond the line: nothing reads it.
  let k_0 = 2 * place.x;
  let k_1 = min(k_0 + 1, last);
  let line_0 = load_lines(k_0, place.y, layer);
  let line_1 = load_lines(k_1, place.y, layer);
  let mirror_0 = load_lines(select(params.width - k_0, 0, k_0 == 0), place.y, layer);
  let mirror_1 = load_lines(select(params.width - k_1, 0, k_1 == 0), place.y, layer);
  let even_0 = 0.5 * (line_0 + mirror_0);
  let even_1 = 0.5 * (line_1 + mirror_1);
  let odd_0 = 0.5 * (line_0 - mirror_0);
  let odd_1 = 0.5 * (line_1 - mirror_1);
  let rows = array<vec4f, 4>(
    vec4f(even_0.x, even_1.x, odd_0.z, odd_1.z),
    vec4f(even_0.y, even_1.y, odd_0.w, odd_1.w),
    vec4f(even_0.z, even_1.z, -odd_0.x, -odd_1.x),
    vec4f(even_0.w, even_1.w, -odd_0.y, -odd_1.y),
  );
  // @unroll
  for (var i = 0; i < 4; i++) {
    if (4 * place.y + i < size.y) {
      store_spectrum(place.x, 4 * place.y + i, layer, rows[i]);
    }
  }
}
