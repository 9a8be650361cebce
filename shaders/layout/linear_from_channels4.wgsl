// Texels of four channels of a pixel to row-major [N, C, D, H, W].

struct Params { width: i32, depth: i32, channels: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_image();
  let at = vec3i(id);
  if (any(at.xy >= size.xy)) { return; }
  let n = at.x / params.width;
  let x = at.x - n * params.width;
  let block = at.z / params.depth;
  let z = at.z - block * params.depth;
  let value = load_image(at.x, at.y, at.z);
  // @unroll
  for (var lane = 0; lane < 4; lane++) {
    let c = block * 4 + lane;
    let index = (((n * params.channels + c) * params.depth + z) * size.y + at.y) * params.width + x;
    if (c < params.channels) { store_result(u32(index), value[lane]); }
  }
}
