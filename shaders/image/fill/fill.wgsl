// The image where it is valid, else a value; four pixels per invocation.

struct Params {
  value: f32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size_output().xy)) {
    return;
  }
  let kept = load_valid(at.x, at.y, at.z) > vec4f(0.5);
  store_output(at.x, at.y, at.z, select(vec4f(params.value), load_input(at.x, at.y, at.z), kept));
}
