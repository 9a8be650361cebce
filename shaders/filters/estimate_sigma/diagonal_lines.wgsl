// The same along y, or along z: out(k) = sum over j of taps(j) * image(2 k + 1 - j). An invocation makes TILE texels of
// a line.

const TILE = 4;
const SPAN = 2 * TILE + 2;

// Lines go along z, the layers of a channel, else along y.
override ALONG_Z: bool = false;

struct Params {
  taps: vec4f,
  border: vec4i,
  // Places of a line: of the image and of the result.
  counts: vec2i,
  // Tiles of a line.
  tiles: i32,
  shift: u32,
}

// Column, row and layer of a place on the line that starts at an origin.
fn along(origin: vec3i, place: i32) -> vec3i {
  return origin + select(vec3i(0, place, 0), vec3i(0, 0, place), ALONG_Z);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_result();
  // Along y the group's z is the layer; along z it is the row, and the lines of all channels lie side by side.
  var tile = place.y;
  var tiles = params.tiles;
  var origin = vec3i(place.x, 0, i32(group.z));
  var target_origin = origin;
  if (ALONG_Z) {
    tile = place.y % params.tiles;
    tiles *= size.z / params.counts.y;
    origin = vec3i(place.x, i32(group.z), place.y / params.tiles * params.counts.x);
    target_origin = vec3i(place.x, i32(group.z), place.y / params.tiles * params.counts.y);
  } else {
    origin.z += slab_begin();
    target_origin.z += slab_begin();
  }
  if ((place.x >= size.x) | (place.y >= tiles)) {
    return;
  }
  let begin = tile * TILE;
  var texels: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    let at = along(origin, border_source(2 * begin - 2 + i, params.border));
    texels[i] = load_image(at.x, at.y, at.z);
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    let base = texels[2 * o + 2];
    let after = texels[2 * o + 3] - base;
    let left = texels[2 * o + 1] - base;
    let far = texels[2 * o] - base;
    if (begin + o < params.counts.y) {
      let at = along(target_origin, begin + o);
      store_result(at.x, at.y, at.z, params.taps.x * after + params.taps.z * left + params.taps.w * far);
    }
  }
}
