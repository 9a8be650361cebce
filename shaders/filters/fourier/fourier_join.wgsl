// Complex numbers of a tensor [2, ...], real parts before imaginary ones, or real ones alone, as texels that hold two of
// them: of two columns, or of two rows.

struct Params {
  // Columns and rows of the tensor.
  size: vec2i,
  // Layers of the real parts; 0 where there are no imaginary ones.
  layers: i32,
  // 1: two rows per texel.
  rows: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let extents = size_spectrum();
  let place = flat_place(group, groups, lane, extents.x);
  if (place.y >= extents.y) {
    return;
  }
  let layer = i32(group.z);
  let steps = select(vec2i(1, 0), vec2i(0, 1), params.rows == 1);
  let first = place * (vec2i(1) + steps);
  let second = min(first + steps, params.size - 1);
  let real = vec2f(load_parts(first.x / 4, first.y, layer)[first.x & 3], load_parts(second.x / 4, second.y, layer)[second.x & 3]);
  let other = layer + params.layers;
  let imaginary = vec2f(load_parts(first.x / 4, first.y, other)[first.x & 3], load_parts(second.x / 4, second.y, other)[second.x & 3]);
  store_spectrum(place.x, place.y, layer, vec4f(real, select(vec2f(), imaginary, params.layers > 0)));
}
