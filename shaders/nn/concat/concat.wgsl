// Copies the words of one input to their places in the result.

const WORKGROUP = 64; // @tune

struct Params {
  // Words of the input and of the result from one position of the leading axes to the next.
  stride_x: u32,
  stride_y: u32,
  // Where the input begins within them.
  offset: u32,
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = flat_group(workgroup_id, num_workgroups) * WORKGROUP * 4u + lane;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let index = first + u32(i) * WORKGROUP;
    if (index < length_x()) {
      let outer = index / params.stride_x;
      store_y(outer * params.stride_y + params.offset + (index - outer * params.stride_x), load_x(index));
    }
  }
}
