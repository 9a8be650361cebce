// The same along y, or along z: out(k) = sum over j of taps(j) * image(2 k + 1 - j). An invocation makes TILE texels of
// a line.

const TILE = 4;
const SPAN = 2 * TILE + 2;

struct Params {
  taps: vec4f,
  border: vec4i,
  // Places of a line: of the image and of the result.
  counts: vec2i,
  // Tiles of a line.
  tiles: i32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let line = resized_line(place, i32(group.z), size_result());
  if (!line.there) {
    return;
  }
  let begin = line.tile * TILE;
  var texels: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    let at = along(line.source, border_source(2 * begin - 2 + i, params.border));
    texels[i] = load_image(at.x, at.y, at.z);
  }
  // @unroll
  for (var o = 0; o < TILE; o++) {
    let base = texels[2 * o + 2];
    let after = texels[2 * o + 3] - base;
    let left = texels[2 * o + 1] - base;
    let far = texels[2 * o] - base;
    if (begin + o < params.counts.y) {
      let at = along(line.result, begin + o);
      store_result(at.x, at.y, at.z, params.taps.x * after + params.taps.z * left + params.taps.w * far);
    }
  }
}
