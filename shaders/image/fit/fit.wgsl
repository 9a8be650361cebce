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
  let size = vec3u(params.to_size);
  let index = u32(slab_begin()) * size.z + flat_index(group, groups, lane, 64u);
  if (index >= u32(slab_end()) * size.z) {
    return;
  }
  let at = vec3i(vec3u(index / (size.z * size.y) % size.x, index / size.z % size.y, index % size.z)) - params.shift;
  var word = 0u;
  if (all(vec3u(at) < vec3u(params.from_size))) {
    let outer = i32(index / (size.z * size.y * size.x));
    let old = params.from_size;
    let source = u32(((outer * old.x + at.x) * old.y + at.y) * old.z + at.z);
    if (!has_input(source)) {
      return;
    }
    word = load_input(source);
  }
  store_output(index, word);
}
