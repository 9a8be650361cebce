// (x - mean) * factor + bias with a mean and factor per image and channel and one bias per channel: four rows of one texel
// column per invocation.

override HAS_ADDED: u32 = 0u;

struct Params { width: i32, depth: i32, channels: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_y();
  let at = vec3i(id) * vec3i(1, 4, 1) + vec3i(0, 0, slab_begin());
  if (any(at >= size)) { return; }
  let n = at.x / params.width;
  let first = at.z / params.depth * 4;
  let c = min(vec4i(first) + vec4i(0, 1, 2, 3), vec4i(params.channels - 1));
  let line = vec4u(2 * (n * params.channels + c));
  let mean = vec4f(load_moments(line.x), load_moments(line.y), load_moments(line.z), load_moments(line.w));
  let factor = vec4f(
    load_moments(line.x + 1u), load_moments(line.y + 1u), load_moments(line.z + 1u), load_moments(line.w + 1u));
  let b = vec4u(c);
  let bias = vec4f(load_bias(b.x), load_bias(b.y), load_bias(b.z), load_bias(b.w));
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
