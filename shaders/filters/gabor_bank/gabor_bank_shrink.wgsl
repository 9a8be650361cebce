// Complex numbers shrunk by a threshold of their magnitude, the less the greater they are; two per texel.

struct Params {
  // Threshold in noise levels.
  scale: f32,
  // The first channel (or slice), how many of them a channel of the image has, and their layers.
  first: i32,
  slices: i32,
  depth: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_result().x);
  if (place.y >= size_result().y) {
    return;
  }
  let layer = i32(group.z) + slab_begin();
  let channel = (params.first + layer / params.depth) / params.slices;
  let threshold = vec2f(params.scale * load_sigma(u32(channel)));
  let value = load_numbers(place.x, place.y, layer);
  let magnitude = sqrt(value.xy * value.xy + value.zw * value.zw);
  let part = threshold / magnitude;
  let kept = select(vec2f(), 1.0 - part * part, magnitude > threshold);
  store_result(place.x, place.y, layer, vec4f(kept * value.xy, kept * value.zw));
}
