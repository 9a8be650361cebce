// Copies texels of four channels and makes up those beyond the spatial axes of the input.

struct Params {
  // Width, height, depth.
  input: vec4i,
  output: vec4i,
  // Positions before each axis.
  begin: vec4i,
  channels: i32,
  value: f32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at >= size_y())) { return; }
  let n = at.x / params.output.x;
  let block = at.z / params.output.z;
  let place = vec3i(at.x - n * params.output.x, at.y, at.z - block * params.output.z) - params.begin.xyz;
  let inside = all((place >= vec3i(0)) & (place < params.input.xyz));
  let x = source(place.x, params.input.x);
  let y = source(place.y, params.input.y);
  let z = source(place.z, params.input.z);
  let texel = load_x(n * params.input.x + x, y, block * params.input.z + z);
  let value = select(texel, vec4f(params.value), (MODE == 0u) & !inside);
  store_y(at.x, at.y, at.z, within_channels(value, 4 * block, params.channels));
}
