// The local mean, and of what the pixel differs from it the share that the noise leaves: 1 - power / variance, at least 0. An
// invocation makes ROWS texels of a column.

const ROWS = 4; // @tune

struct Params {
  // Layers of a channel.
  depth: i32,
  // 1: the noise is given as a standard deviation, else as a variance.
  is_deviation: i32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_result();
  let begin = place.y * ROWS;
  if ((place.x >= size.x) | (begin >= size.y)) {
    return;
  }
  let layer = slab_begin() + i32(group.z);
  let noise = load_noise(u32(layer / params.depth));
  let power = vec4f(select(noise, noise * noise, params.is_deviation == 1));
  // @unroll
  for (var o = 0; o < ROWS; o++) {
    if (begin + o < size.y) {
      let mean = load_mean(place.x, begin + o, layer);
      let variance = load_variance(place.x, begin + o, layer);
      let share = select(vec4f(), 1.0 - power / variance, variance > power);
      store_result(place.x, begin + o, layer, mean + share * (load_image(place.x, begin + o, layer) - mean));
    }
  }
}
