// DICOM's linear window, four pixels per invocation.

struct Params {
  // center - 1/2
  middle: f32,
  // width - 1
  span: f32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size_output().xy)) {
    return;
  }
  let away = load_input(at.x, at.y, at.z) - params.middle;
  let slope = clamp(away / max(params.span, 1e-30) + 0.5, vec4f(0.0), vec4f(1.0));
  let above = select(slope, vec4f(1.0), away > vec4f(0.5 * params.span));
  store_output(at.x, at.y, at.z, select(above, vec4f(0.0), away <= vec4f(-0.5 * params.span)));
}
