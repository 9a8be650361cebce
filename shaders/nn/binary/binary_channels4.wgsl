// A function of two floats on texels of four channels: x has the result's shape, the other is repeated where it must.

override HAS_ADDED: u32 = 0u;
// The other operand is a scalar or one number per channel, bound as `small`.
override SMALL: u32 = 0u;
// The other operand is the first one.
override SWAPPED: u32 = 0u;

struct Params {
  width: i32,
  depth: i32,
  channels: i32,
  // Factors of n, x, y, block and z for the other's texel; 0 along an axis that it repeats.
  other_n: i32,
  other_x: i32,
  other_y: i32,
  other_block: i32,
  other_z: i32,
  // 1 where the other's first channel serves all of them.
  splat: u32,
}

fn values(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(binary_value(a.x, b.x), binary_value(a.y, b.y), binary_value(a.z, b.z), binary_value(a.w, b.w));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at >= size_y())) { return; }
  let block = at.z / params.depth;
  let z = at.z - block * params.depth;
  var other: vec4f;
  if (SMALL == 1u) {
    let c = min(vec4u(u32(block) * 4u) + vec4u(0u, 1u, 2u, 3u), vec4u(length_small() - 1u));
    other = vec4f(load_small(c.x), load_small(c.y), load_small(c.z), load_small(c.w));
  } else {
    let n = at.x / params.width;
    let x = at.x - n * params.width;
    other = load_other(
      n * params.other_n + x * params.other_x,
      at.y * params.other_y,
      block * params.other_block + z * params.other_z,
    );
  }
  other = select(other, other.xxxx, params.splat == 1u);
  let x = load_x(at.x, at.y, at.z);
  var added = vec4f();
  if (HAS_ADDED == 1u) { added = load_added(at.x, at.y, at.z); }
  let value = epilogue_steps(values(select(x, other, SWAPPED == 1u), select(other, x, SWAPPED == 1u)), added);
  store_y(at.x, at.y, at.z, within_channels(value, 4 * block, params.channels));
}
