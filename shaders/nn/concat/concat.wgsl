// Copies the words of up to four inputs that follow each other to their places in the result.

const WORKGROUP = 64; // @tune

struct Params {
  // Where each input ends, in words of these inputs from one position of the leading axes to the next.
  ends: vec4u,
  // Words of the result from one position to the next, and where the first of these inputs begins within them.
  stride: u32,
  offset: u32,
  // Words of all these inputs.
  count: u32,
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = flat_group(workgroup_id, num_workgroups) * WORKGROUP * 4u + lane;
  let ends = params.ends;
  let extents = ends - vec4u(0u, ends.xyz);
  // @unroll
  for (var i = 0; i < 4; i++) {
    // What lies beyond the end stores the last word again.
    let index = min(first + u32(i) * WORKGROUP, params.count - 1u);
    let outer = index / ends.w;
    let at = index - outer * ends.w;
    var value: u32;
    if (at < ends.x) {
      value = load_a(outer * extents.x + at);
    } else if (at < ends.y) {
      value = load_b(outer * extents.y + at - ends.x);
    } else if (at < ends.z) {
      value = load_c(outer * extents.z + at - ends.y);
    } else {
      value = load_d(outer * extents.w + at - ends.z);
    }
    store_y(outer * params.stride + params.offset + at, value);
  }
}
