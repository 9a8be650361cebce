// A spectrum times a filter of the bank or its square, added to another spectrum. A texel holds two frequencies of a row.
// A filter is the product of Gaussians along the axes, or 1 less that product.

struct Params {
  // Row of the tables.
  band: i32,
  // 1: the filter is 1 less the product.
  high: i32,
  // 1: the filter's square.
  squared: i32,
  // 1: the sum is added to.
  added: i32,
  depth: i32,
  factor: f32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_result().x);
  if (place.y >= size_result().y) {
    return;
  }
  let layer = i32(group.z) + slab_begin();
  let z = layer - layer / params.depth * params.depth;
  let others = load_table_y(place.y, params.band, 0).x * load_table_z(z, params.band, 0).x;
  let product = others * load_table_x(place.x, params.band, 0).xy;
  let passed = select(product, 1.0 - product, params.high == 1);
  let gain = params.factor * select(passed, passed * passed, params.squared == 1);
  let before = select(vec4f(), load_sum(place.x, place.y, layer), params.added == 1);
  let spectrum = load_spectrum(place.x, place.y, layer);
  store_result(place.x, place.y, layer, before + vec4f(gain * spectrum.xy, gain * spectrum.zw));
}
