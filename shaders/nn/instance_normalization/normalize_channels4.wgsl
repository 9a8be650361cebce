// (x - mean) * factor + bias with those of each image and channel: four rows of one texel column per invocation.

override HAS_ADDED: u32 = 0u;

struct Params { width: i32, depth: i32, channels: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_y();
  let at = vec3i(id) * vec3i(1, 4, 1) + vec3i(0, 0, slab_begin());
  if (any(at >= size)) { return; }
  let n = at.x / params.width;
  let block = at.z / params.depth;
  let first = block * 4;
  let mean = load_moments(block, 0, n);
  let factor = load_moments(block, 1, n);
  let bias = load_moments(block, 2, n);
  // @unroll
  for (var i = 0; i < 4; i++) {
    let y = at.y + i;
    if (y < size.y) {
      var added = vec4f();
      if (HAS_ADDED == 1u) { added = load_added(at.x, y, at.z); }
      let value = epilogue_steps((load_x(at.x, y, at.z) - mean) * factor + bias, added);
      store_y(at.x, y, at.z, within_channels(value, first, params.channels));
    }
  }
}
