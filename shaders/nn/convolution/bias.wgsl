// The bias of a block of four channels; a page that takes a bias binds it as `bias`.
override HAS_BIAS: u32 = 0u;
override HAS_ADDED: u32 = 0u;

// Lanes beyond the last channel repeat its bias.
fn bias_at(block: i32) -> vec4f {
  let at = min(vec4u(u32(block) * 4u) + vec4u(0u, 1u, 2u, 3u), vec4u(length_bias() - 1u));
  return vec4f(load_bias(at.x), load_bias(at.y), load_bias(at.z), load_bias(at.w));
}
