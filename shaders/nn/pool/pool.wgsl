// The greatest element or the average of a window: one texel per invocation.

override AVERAGE: u32 = 0u;
override HAS_ADDED: u32 = 0u;

struct Params {
  // Width, height, depth of one image.
  input: vec4i,
  output: vec4i,
  kernel: vec4i,
  strides: vec4i,
  pads: vec4i,
  // Positions up to here count in an average: the input's size, or that and the pads.
  counted_end: vec4i,
  // And from here on: 0, or the pads before it.
  counted_begin: vec4i,
  dilations: vec4i,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at >= size_y())) { return; }
  let n = at.x / params.output.x;
  let block = at.z / params.output.z;
  let position = vec3i(at.x - n * params.output.x, at.y, at.z - block * params.output.z);
  let start = position * params.strides.xyz - params.pads.xyz;
  var key = vec4i(lowest_key);
  var sum = vec4f();
  var positions = 0;
  let kernel = vec3i(loop_count(params.kernel.x, id.x), loop_count(params.kernel.y, id.x), loop_count(params.kernel.z, id.x));
  for (var kz = 0; kz < kernel.z; kz++) {
    for (var ky = 0; ky < kernel.y; ky++) {
      for (var kx = 0; kx < kernel.x; kx++) {
        let p = start + vec3i(kx, ky, kz) * params.dilations.xyz;
        let inside = all((p >= vec3i(0)) & (p < params.input.xyz));
        let source = clamp(p, vec3i(0), params.input.xyz - 1);
        let value = load_x(n * params.input.x + source.x, source.y, block * params.input.z + source.z);
        if (AVERAGE == 0u) {
          key = select(key, max(key, key_of(value)), inside);
        }
        sum = select(sum, sum + value, inside);
        positions += i32(all((p >= params.counted_begin.xyz) & (p < params.counted_end.xyz)));
      }
    }
  }
  let value = select(greatest_of(key), sum / f32(max(positions, 1)), AVERAGE == 1u);
  var added = vec4f();
  if (HAS_ADDED == 1u) { added = load_added(at.x, at.y, at.z); }
  store_y(at.x, at.y, at.z, epilogue_steps(value, added));
}
