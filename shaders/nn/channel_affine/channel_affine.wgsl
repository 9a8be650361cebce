// x * scale + shift with one number per channel, for elements in their order.

const WORKGROUP = 64; // @tune
override HAS_ADDED: u32 = 0u;

struct Params { channels: u32, pixels: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let channel = index / params.pixels % params.channels;
  var added = 0.0;
  if (HAS_ADDED == 1u) { added = load_added(index); }
  store_y(index, epilogue_steps_1(load_x(index) * load_scale(channel) + load_shift(channel), added));
}
