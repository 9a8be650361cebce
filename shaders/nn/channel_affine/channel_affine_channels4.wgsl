// x * scale + shift with one number per channel: four rows of one texel column per invocation.

override HAS_ADDED: u32 = 0u;

struct Params { depth: i32, channels: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_y();
  let at = vec3i(id) * vec3i(1, 4, 1) + vec3i(0, 0, slab_begin());
  if (any(at >= size)) { return; }
  let first = at.z / params.depth * 4;
  let c = vec4u(min(vec4i(first) + vec4i(0, 1, 2, 3), vec4i(params.channels - 1)));
  let scale = vec4f(load_scale(c.x), load_scale(c.y), load_scale(c.z), load_scale(c.w));
  let shift = vec4f(load_shift(c.x), load_shift(c.y), load_shift(c.z), load_shift(c.w));
  // @unroll
  for (var i = 0; i < 4; i++) {
    let y = at.y + i;
    if (y < size.y) {
      var added = vec4f();
      if (HAS_ADDED == 1u) { added = load_added(at.x, y, at.z); }
      let value = epilogue_steps(load_x(at.x, y, at.z) * scale + shift, added);
      store_y(at.x, y, at.z, within_channels(value, first, params.channels));
    }
  }
}
