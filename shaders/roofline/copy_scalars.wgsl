// Copies scalars from buffer to buffer, a run of neighbors by neighboring invocations.

const COUNT = 4;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * 64u * u32(COUNT) + lane;
  // @unroll
  for (var i = 0; i < COUNT; i++) {
    let at = min(first + u32(i) * 64u, length_image() - 1u);
    store_result(at, load_image(at));
  }
}
