// Multiplies lines by a table of complex numbers and makes them longer (with zeros) or shorter: the steps of Bluestein's
// transform between the two transforms of a convenient length.

struct Params {
  // Step along the axis: one column, one row or one layer.
  axis: vec3i,
  // Numbers of a line of the source.
  count: i32,
  // Extents of the result.
  work: vec3i,
  // Numbers of a line of the result.
  result_count: i32,
  // 1: the line is read from its end.
  mirrored: i32,
  scale: f32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = vec3i(flat_place(group, groups, lane, params.work.x), i32(group.z) + slab_begin());
  if (place.y >= params.work.y) {
    return;
  }
  let channel = place.z / params.result_count;
  let along_z = params.axis.z == 1;
  let number = select(dot(place, params.axis), place.z - channel * params.result_count, along_z);
  let across = place * (vec3i(1) - params.axis);
  let origin = select(across, vec3i(place.xy, channel * params.count), along_z);

  let held = min(number, params.count - 1);
  let turn = (params.mirrored == 1) & (held > 0);
  let at = origin + select(held, params.count - held, turn) * params.axis;
  let v = load_source(at.x, at.y, at.z);
  let pair = load_table(number / 2, 0, 0);
  let w = params.scale * select(pair.xy, pair.zw, (number & 1) == 1);
  let product = w.x * v + w.y * vec4f(-v.zw, v.xy);
  store_result(place.x, place.y, place.z, select(vec4f(), product, number < params.count));
}
