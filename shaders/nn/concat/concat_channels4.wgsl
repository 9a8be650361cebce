// Copies the texels of up to four inputs that follow each other to their layers of the result.

struct Params {
  // Where each input ends, in layers from the first of these inputs on.
  ends: vec4i,
  // The layer of the result in which the first of them begins.
  layer: i32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_y();
  let at = vec3i(id) * vec3i(1, 4, 1) + vec3i(0, 0, slab_begin());
  if (at.x >= size.x) { return; }
  // @unroll
  for (var i = 0; i < 4; i++) {
    // Rows beyond the end store the last one again.
    let y = min(at.y + i, size.y - 1);
    var value: vec4f;
    if (at.z < params.ends.x) {
      value = load_a(at.x, y, at.z);
    } else if (at.z < params.ends.y) {
      value = load_b(at.x, y, at.z - params.ends.x);
    } else if (at.z < params.ends.z) {
      value = load_c(at.x, y, at.z - params.ends.y);
    } else {
      value = load_d(at.x, y, at.z - params.ends.z);
    }
    store_y(at.x, y, at.z + params.layer, value);
  }
}
