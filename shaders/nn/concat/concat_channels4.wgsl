// Copies the texels of one input to their layers of the result.

struct Params { layer: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_x();
  let at = vec3i(id) * vec3i(1, 4, 1);
  if (any(at >= size)) { return; }
  // @unroll
  for (var i = 0; i < 4; i++) {
    let y = at.y + i;
    if (y < size.y) { store_y(at.x, y, at.z + params.layer, load_x(at.x, y, at.z)); }
  }
}
