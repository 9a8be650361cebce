// A function of each element of four channels of a pixel.

struct Params { alpha: f32, beta: f32, channels: i32, depth: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at >= size_y())) { return; }
  let x = load_x(at.x, at.y, at.z);
  let value = vec4f(
    unary_value(x.x, params.alpha, params.beta), unary_value(x.y, params.alpha, params.beta),
    unary_value(x.z, params.alpha, params.beta), unary_value(x.w, params.alpha, params.beta));
  // Lanes beyond the last channel stay finite.
  let lanes = at.z / params.depth * 4 + vec4i(0, 1, 2, 3);
  store_y(at.x, at.y, at.z, select(vec4f(), value, lanes < vec4i(params.channels)));
}
