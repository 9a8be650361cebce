// Sums to the end of a block along y or z, the first half of sums over windows: the line begins `radius` pixels before
// the image and is cut into blocks of a window's size; suffix(i) = sum over j from i to its block's end of
// image(j - radius). An invocation makes a block, from its end on. Sums go by runs, which keeps rounding small.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let window = 2 * params.radius + 1;
  let block = line_tile(place, i32(group.z), size_result(), vec3i(params.blocks, 0, 0), window);
  if (!block.there) {
    return;
  }

  let steps = loop_count(window - max(0, block.first_written - block.begin), lane);
  var total = vec4f();
  var part = vec4f();
  var length = 0;
  for (var step = 0; step < steps; step++) {
    let i = block.begin + window - 1 - step;
    part += bordered(block.origin, i - params.radius);
    if (i < block.end) {
      let at = along(block.origin, i);
      store_result(at.x, at.y, at.z, total + part);
    }
    length++;
    let full = length == params.run;
    total = select(total, total + part, full);
    part = select(part, vec4f(), full);
    length = select(length, 0, full);
  }
}
