// Where the greatest element of a window stands: one window per invocation.

const WORKGROUP = 64; // @tune

struct Params {
  // Width, height, depth of one image.
  input: vec4i,
  output: vec4i,
  kernel: vec4i,
  strides: vec4i,
  pads: vec4i,
  dilations: vec4i,
  // What a step along each axis counts in an index.
  count: vec4i,
}

// A number above 0 that grows with the float; NaN is the greatest, zeros are equal.
fn rank_of(word: u32) -> u32 {
  let ascending = select(word ^ 0x80000000u, ~word, (word >> 31u) == 1u);
  let signless = select(ascending, 0x80000000u, (word & 0x7fffffffu) == 0u);
  return select(signless, 0xffffffffu, (word & 0x7fffffffu) > 0x7f800000u);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let row = i32(index) / params.output.x;
  let slice = row / params.output.y;
  let image = slice / params.output.z;
  let position = vec3i(i32(index) - row * params.output.x, row - slice * params.output.y, slice - image * params.output.z);
  let start = position * params.strides.xyz - params.pads.xyz;
  let plane = image * params.input.x * params.input.y * params.input.z;
  let kernel = vec3i(loop_count(params.kernel.x, lane), loop_count(params.kernel.y, lane), loop_count(params.kernel.z, lane));
  var greatest = 0u;
  var chosen = 0;
  for (var kz = 0; kz < kernel.z; kz++) {
    for (var ky = 0; ky < kernel.y; ky++) {
      for (var kx = 0; kx < kernel.x; kx++) {
        let p = start + vec3i(kx, ky, kz) * params.dilations.xyz;
        let near = clamp(p, vec3i(0), params.input.xyz - 1);
        let inside = all(near == p);
        let rank = rank_of(load_x(u32(plane + (near.z * params.input.y + near.y) * params.input.x + near.x)));
        let better = inside & (rank > greatest);
        greatest = select(greatest, rank, better);
        chosen = select(chosen, plane + p.x * params.count.x + p.y * params.count.y + p.z * params.count.z, better);
      }
    }
  }
  store_y(index, chosen);
}
