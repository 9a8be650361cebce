// 1 above the threshold, else 0, four pixels per invocation.

struct Params {
  at: f32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size_output().xy)) {
    return;
  }
  let above = load_input(at.x, at.y, at.z) > vec4f(params.at);
  store_output(at.x, at.y, at.z, select(vec4f(0.0), vec4f(1.0), above));
}
