// The image extended by mirroring, so that no window leaves its rows. Texels keep their place in fours.

struct Params {
  border_x: vec4i,
  border_y: vec4i,
  // Texels before the image's first one, and rows above it.
  before: i32,
  above: i32,
  shift: u32,
}

fn pixel(x: i32, y: i32, layer: i32) -> f32 {
  let source = border_source(x, params.border_x);
  let texel = load_image(source / 4, y, layer);
  return texel[source & 3];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let layer = slab_begin() + i32(group.z);
  if (any(place >= size_padded().xy)) {
    return;
  }
  let x = 4 * (place.x - params.before);
  let y = border_source(place.y - params.above, params.border_y);
  store_padded(
    place.x,
    place.y,
    layer,
    vec4f(pixel(x, y, layer), pixel(x + 1, y, layer), pixel(x + 2, y, layer), pixel(x + 3, y, layer)),
  );
}
