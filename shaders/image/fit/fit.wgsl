// Pads with zeros or crops: each invocation fetches one new pixel, if an old one lies there. Sizes are [d, h, w].

struct Params {
  from_size: vec3i,
  to_size: vec3i,
  shift: vec3i,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane, 64u);
  if (index >= length_output()) {
    return;
  }
  let size = vec3u(params.to_size);
  let at = vec3i(vec3u(index / (size.z * size.y) % size.x, index / size.z % size.y, index % size.z)) - params.shift;
  var word = 0u;
  if (all(vec3u(at) < vec3u(params.from_size))) {
    let outer = i32(index / (size.z * size.y * size.x));
    let old = params.from_size;
    word = load_input(u32(((outer * old.x + at.x) * old.y + at.y) * old.z + at.z));
  }
  store_output(index, word);
}
