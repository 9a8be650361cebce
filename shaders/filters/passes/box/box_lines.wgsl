// Means of windows along y or z, the second half: a window that begins at pixel i of its block is the rest of the block
// and as much of the next one as is missing. An invocation walks through a block and sums up the next one.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let window = 2 * params.radius + 1;
  let block = line_tile(place, i32(group.z), size_result(), vec3i(params.blocks, 0, 0), window);
  if (!block.there) {
    return;
  }

  let steps = loop_count(min(window, block.end - block.begin), lane);
  var total = vec4f();
  var part = vec4f();
  var length = 0;
  for (var step = 0; step < steps; step++) {
    let i = block.begin + step;
    // The first window is its block. What a slab can't read is not asked for: i + radius lies in its halo, the sums
    // before its first layer are not written.
    let rest = along(block.origin, max(i, block.first_written));
    let suffix = load_suffix(rest.x, rest.y, rest.z);
    part += select(bordered(block.origin, i + params.radius), vec4f(), step == 0);
    if (i >= block.first_written) {
      let at = along(block.origin, i);
      store_result(at.x, at.y, at.z, (suffix + (total + part)) / f32(window));
    }
    length++;
    let full = length == params.run;
    total = select(total, total + part, full);
    part = select(part, vec4f(), full);
    length = select(length, 0, full);
  }
}
