// Row-major [N, C, D, H, W] to texels of four channels of a pixel; channels beyond C are 0.

struct Params { width: i32, depth: i32, channels: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_result();
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size.xy)) { return; }
  let n = at.x / params.width;
  let x = at.x - n * params.width;
  let block = at.z / params.depth;
  let z = at.z - block * params.depth;
  var value = vec4f();
  // @unroll
  for (var lane = 0; lane < 4; lane++) {
    let c = block * 4 + lane;
    let inside = min(c, params.channels - 1);
    let index = (((n * params.channels + inside) * params.depth + z) * size.y + at.y) * params.width + x;
    value[lane] = select(0.0, load_image(u32(index)), c < params.channels);
  }
  store_result(at.x, at.y, at.z, value);
}
