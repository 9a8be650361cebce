// Divides a spectrum by what the whole bank lets through: the sum of the squares of all filters, those for the opposite
// directions included. A texel holds two frequencies of a row.

struct Params {
  // Filters of directions; the low pass and the high pass follow them in the tables.
  bands: i32,
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
  var total = vec2f();
  let rows = loop_count(params.bands + 2, lane);
  for (var band = 0; band < rows; band++) {
    let along_x = load_table_x(place.x, band, 0);
    // Along one direction, and along the opposite one.
    let others = load_table_y(place.y, band, 0).xy * load_table_z(z, band, 0).xy;
    let near = others.x * along_x.xy;
    let far = others.y * along_x.zw;
    let directed = near * near + far * far;
    let low = near * near;
    let high = (1.0 - near) * (1.0 - near);
    let middle = select(low, directed, band < params.bands);
    total += select(middle, high, band == params.bands + 1);
  }
  let spectrum = load_spectrum(place.x, place.y, layer);
  let gain = params.factor / total;
  store_result(place.x, place.y, layer, vec4f(gain * spectrum.xy, gain * spectrum.zw));
}
