// A tensor [2, ...], real parts before imaginary ones, from the half of a real image's transform that texels of two rows hold:
// the rows of the other half are conjugate to what lies on the other side of frequency 0. An invocation makes both rows of its
// texels and both rows of the other half.

struct Params {
  // Columns and rows of the tensor.
  size: vec2i,
  // Layers of the real parts, and of a channel.
  layers: i32,
  depth: i32,
  // 1: z was transformed, so that its frequencies have another side.
  deep: i32,
  // Texels of a row, and rows of the spectrum.
  work: vec2i,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, params.work.x);
  if (place.y >= params.work.y) {
    return;
  }
  let layer = i32(group.z);
  let z = layer - layer / params.depth * params.depth;
  let far_layer = layer - z + select(z, params.depth - z, (params.deep == 1) & (z > 0));
  var near: array<vec4f, 4>;
  var far: array<vec4f, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let column = min(4 * place.x + i, params.size.x - 1);
    let texel = load_spectrum(column, place.y, layer);
    let opposite = load_spectrum(select(params.size.x - column, 0, column == 0), place.y, far_layer);
    // @unroll
    for (var j = 0; j < 4; j++) {
      near[j][i] = texel[j];
      far[j][i] = opposite[j];
    }
  }
  // @unroll
  for (var row = 0; row < 2; row++) {
    let y = 2 * place.y + row;
    if (2 * y <= params.size.y) {
      store_parts(place.x, y, layer, near[row]);
      store_parts(place.x, y, layer + params.layers, near[row + 2]);
    }
    if ((y > 0) & (2 * y < params.size.y)) {
      store_parts(place.x, params.size.y - y, layer, far[row]);
      store_parts(place.x, params.size.y - y, layer + params.layers, -far[row + 2]);
    }
  }
}
