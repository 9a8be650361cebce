// Sums to the end of a block along x, the first half of sums over windows: the row begins `first` texels before the
// image and is cut into blocks of as many whole texels as a window has; suffix(p) = sum over q from p to its block's
// end. An invocation makes a block, from its end on. Sums go by runs, which keeps rounding small.

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

  let steps = loop_count(params.block, lane);
  var total = 0.0;
  var part = 0.0;
  var length = 0;
  for (var step = 0; step < steps; step++) {
    let i = begin + params.block - 1 - step;
    var texel = vec4f();
    if (EDGE) {
      texel = pixels_from(4 * (params.first + i), y, layer);
    } else {
      texel = load_image(params.first + i, y, layer);
    }
    let last = texel.z + texel.w;
    let suffix = vec4f((texel.x + texel.y) + last, texel.y + last, last, texel.w);
    if (i < size.x) {
      store_result(i, y, layer, total + (part + suffix));
    }
    part += suffix.x;
    length++;
    let full = length == params.run;
    total = select(total, total + part, full);
    part = select(part, 0.0, full);
    length = select(length, 0, full);
  }
}
