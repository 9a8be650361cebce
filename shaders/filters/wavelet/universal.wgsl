// The same threshold for all bands of a channel: a multiple of its noise level.

struct Params {
  factor: f32,
  // Thresholds, channels of the image, and how many of these share a noise level.
  count: u32,
  channels: u32,
  sharing: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.count) {
    store_thresholds(id.x, params.factor * load_sigma(id.x % params.channels / params.sharing));
  }
}
