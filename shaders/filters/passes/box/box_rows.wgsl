// Means of windows along x, the second half: a window that begins in a block is the rest of the block and as much of
// what follows as is missing. An invocation walks through a block and sums up the next one. Windows begin anywhere in a
// texel: sums are made for whole texels of them and shifted.

// Four of eight numbers, from `lead` on.
fn shifted(a: vec4f, b: vec4f, lead: i32) -> vec4f {
  let even = select(a, vec4f(a.zw, b.xy), lead > 1);
  let after = select(b, vec4f(b.zw, b.zw), lead > 1);
  return select(even, vec4f(even.yzw, after.x), (lead & 1) == 1);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_result();
  let tile = row_tile(group, lane, size.y);
  if (!tile.there) {
    return;
  }
  let begin = tile.x * params.block;
  let y = tile.y;
  let layer = tile.layer;

  let more = params.window - 4 * params.block > 1;
  // An output texel needs the windows of its own texel and of the next.
  let steps = loop_count(min(params.block, size.x - begin) + 1, lane);
  var total = 0.0;
  var part = 0.0;
  var length = 0;
  var before = vec4f();
  var texel = vec4f();
  // Step -1 reads the first texel.
  for (var step = -1; step < steps; step++) {
    let i = begin + step;
    var next = vec4f();
    if (EDGE) {
      next = pixels_from(4 * (params.first + i + params.block + 1), y, layer);
    } else {
      next = load_image(params.first + i + params.block + 1, y, layer);
    }
    // The window after the block's last begins with the next block.
    let restart = step == params.block;
    total = select(total, 0.0, restart);
    part = select(part, 0.0, restart);
    let pair = texel.x + texel.y;
    let prefix = vec4f(texel.x, pair, pair + texel.z, pair + (texel.z + texel.w));
    let two = vec4f(texel.yzw, next.x) + vec4f(texel.zw, next.xy);
    let sum = (load_suffix(max(i, begin), y, layer) + (total + (part + prefix))) + select(vec4f(), two, more);
    if (step > 0) {
      store_result(i - 1, y, layer, shifted(before, sum, params.lead) / f32(params.window));
    }
    before = sum;
    texel = next;
    part += select(prefix.w, 0.0, step < 0);
    length = select(length + 1, 0, step < 0);
    let full = length == params.run;
    total = select(total, total + part, full);
    part = select(part, 0.0, full);
    length = select(length, 0, full);
  }
}
