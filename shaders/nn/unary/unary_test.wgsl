// Whether each element is NaN (OP 41) or infinite (OP 42), by its bits.

const WORKGROUP = 64; // @tune
override OP: u32 = 41u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index < length_y()) {
    let magnitude = load_x(index) & 0x7fffffffu;
    store_y(index, u32(select(magnitude > 0x7f800000u, magnitude == 0x7f800000u, OP == 42u)));
  }
}
