// Sums to the end of a block along y or z, the first half of sums over windows: the line begins `radius` pixels before
// the image and is cut into blocks of a window's size; suffix(i) = sum over j from i to its block's end of
// image(j - radius). An invocation makes a block, from its end on. Sums go by runs, which keeps rounding small.

// Lines go along z, the layers of a channel, else along y.
override ALONG_Z: bool = false;

struct Params {
  border: vec4i,
  // Blocks of a line.
  blocks: i32,
  // Pixels of a line.
  count: i32,
  radius: i32,
  // Pixels of a run.
  run: i32,
  fill: i32,
  cval: f32,
  shift: u32,
}

// Column, row and layer of a place on the line that starts at an origin.
fn along(origin: vec3i, place: i32) -> vec3i {
  return origin + select(vec3i(0, place, 0), vec3i(0, 0, place), ALONG_Z);
}

fn bordered(origin: vec3i, place: i32) -> vec4f {
  let at = along(origin, border_source(place, params.border));
  let texel = load_image(at.x, at.y, at.z);
  return select(texel, vec4f(params.cval), border_fills(place, params.count, params.fill));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_result();
  let window = 2 * params.radius + 1;
  // Along y the group's z is the layer; along z it counts the blocks of all channels, from the slab's first one on.
  var block = place.y;
  var origin = vec3i(place.x, 0, slab_begin() + i32(group.z));
  // What this dispatch writes of the line.
  var first_written = 0;
  var end = params.count;
  if (ALONG_Z) {
    let channel = slab_begin() / params.count;
    let index = channel * params.blocks + (slab_begin() - channel * params.count) / window + i32(group.z);
    block = index % params.blocks;
    origin = vec3i(place.x, place.y, index / params.blocks * params.count);
    first_written = slab_begin() - origin.z;
    end = min(end, slab_end() - origin.z);
  }
  let begin = block * window;
  if ((place.x >= size.x) | (place.y >= select(params.blocks, size.y, ALONG_Z)) | (begin >= end)) {
    return;
  }

  let steps = turns(window - max(0, first_written - begin), lane);
  var total = vec4f();
  var part = vec4f();
  var length = 0;
  for (var step = 0; step < steps; step++) {
    let i = begin + window - 1 - step;
    part += bordered(origin, i - params.radius);
    if (i < end) {
      let at = along(origin, i);
      store_result(at.x, at.y, at.z, total + part);
    }
    length++;
    let full = length == params.run;
    total = select(total, total + part, full);
    part = select(part, vec4f(), full);
    length = select(length, 0, full);
  }
}
