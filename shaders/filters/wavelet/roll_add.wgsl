// An image shifted around its borders, times a scale, added to another one or alone.

override ADDS: bool = false;

struct Params {
  // Pixels of a row, rows, layers of a channel, and shifts along each, from 0 to one below.
  size: vec3i,
  scale: f32,
  steps: vec3i,
  shift: u32,
}

fn turned(place: i32, step: i32, count: i32) -> i32 {
  let source = place - step;
  return source + select(0, count, source < 0);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let layer = slab_begin() + i32(group.z);
  let channel = layer / params.size.z;
  let source_layer = channel * params.size.z + turned(layer - channel * params.size.z, params.steps.z, params.size.z);
  if ((place.x >= size_result().x) | (place.y >= params.size.y)) {
    return;
  }
  let source_y = turned(place.y, params.steps.y, params.size.y);
  var texel: array<f32, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    // Lanes beyond the row's end read its last pixel.
    let source = turned(min(4 * place.x + i, params.size.x - 1), params.steps.x, params.size.x);
    let found = load_image(source / 4, source_y, source_layer);
    texel[i] = found[source & 3];
  }
  var result = params.scale * vec4f(texel[0], texel[1], texel[2], texel[3]);
  if (ADDS) {
    result += load_base(place.x, place.y, layer);
  }
  store_result(place.x, place.y, layer, result);
}
