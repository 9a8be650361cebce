// Complex numbers of a tensor [2, ...], real parts before imaginary ones, as texels that hold two of them.

struct Params {
  // Layers of the real parts.
  layers: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, (size_spectrum().x + 1) / 2);
  let size = size_spectrum();
  if (place.y >= size.y) {
    return;
  }
  let layer = i32(group.z);
  let real = load_parts(place.x, place.y, layer);
  let imaginary = load_parts(place.x, place.y, layer + params.layers);
  store_spectrum(2 * place.x, place.y, layer, vec4f(real.xy, imaginary.xy));
  if (2 * place.x + 1 < size.x) {
    store_spectrum(2 * place.x + 1, place.y, layer, vec4f(real.zw, imaginary.zw));
  }
}
