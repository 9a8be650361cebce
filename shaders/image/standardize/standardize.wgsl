// (x - mean) / deviation, or the way back, four pixels per invocation.

override INVERSE: bool = false;

struct Params {
  // layers that share a row of the statistics
  layers: i32,
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size_output().xy)) {
    return;
  }
  let row = 5u * u32(at.z / params.layers);
  let mean = load_statistics(row + 1u);
  let deviation = select(1.0, load_statistics(row + 2u), load_statistics(row + 2u) > 0.0);
  let pixels = load_input(at.x, at.y, at.z);
  if (INVERSE) {
    store_output(at.x, at.y, at.z, pixels * deviation + mean);
  } else {
    store_output(at.x, at.y, at.z, (pixels - mean) / deviation);
  }
}
