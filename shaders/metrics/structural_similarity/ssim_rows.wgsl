// Moments of the windows along x of two images: means, variances and covariance, as five blocks of `depth` layers. Sums are
// of the differences to the window's middle pixel: its variance is then at most 1 / weight(middle) times smaller than what
// is subtracted, so that no more digits are lost than that, whatever the images' values.

struct Params {
  // Pixels of a row: the lanes of the last texel beyond it are undefined.
  width: i32,
  // Texels from an output to its first tap's, and texels of taps.
  first: i32,
  taps: i32,
  // The layers of the images that are made: offset to the grid's, begin and end.
  layer: i32,
  begin: i32,
  end: i32,
  // Layers of a block of the moments.
  depth: i32,
  shift: u32,
}

struct Sums {
  a: vec4f,
  b: vec4f,
  aa: vec4f,
  bb: vec4f,
  ab: vec4f,
}

// One pixel of each image, for all four outputs.
fn added(sums: Sums, weights: vec4f, a: vec4f, b: vec4f) -> Sums {
  let wa = weights * a;
  let wb = weights * b;
  return Sums(sums.a + wa, sums.b + wb, sums.aa + wa * a, sums.bb + wb * b, sums.ab + wa * b);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_reference();
  let layer = params.layer + slab_begin() + i32(group.z);
  if ((place.x >= size.x) | (place.y >= size.y) | (layer < params.begin) | (layer >= params.end)) {
    return;
  }
  let x = place.x;
  let y = place.y;
  let middle_a = load_reference(x, y, layer);
  let middle_b = load_test(x, y, layer);
  var sums = Sums();
  // The weights of a texel's pixels for the four outputs: seven numbers, shifted by one from output to output.
  var near = load_weights(0, 0, 0);
  let taps = loop_count(params.taps, lane);
  for (var tap = 0; tap < taps; tap++) {
    let far = load_weights(tap + 1, 0, 0);
    let at = x + params.first + tap;
    let source = clamp(at, 0, size.x - 1);
    let inside = vec4i(4 * source) + vec4i(0, 1, 2, 3) < vec4i(params.width);
    let a = select(vec4f(0.0), load_reference(source, y, layer), inside);
    let b = select(vec4f(0.0), load_test(source, y, layer), inside);
    sums = added(sums, near.wzyx, a.x - middle_a, b.x - middle_b);
    sums = added(sums, vec4f(far.x, near.wzy), a.y - middle_a, b.y - middle_b);
    sums = added(sums, vec4f(far.yx, near.wz), a.z - middle_a, b.z - middle_b);
    sums = added(sums, vec4f(far.zyx, near.w), a.w - middle_a, b.w - middle_b);
    near = far;
  }
  let to = layer - params.begin;
  store_moments(x, y, to, middle_a + sums.a);
  store_moments(x, y, to + params.depth, middle_b + sums.b);
  store_moments(x, y, to + 2 * params.depth, sums.aa - sums.a * sums.a);
  store_moments(x, y, to + 3 * params.depth, sums.bb - sums.b * sums.b);
  store_moments(x, y, to + 4 * params.depth, sums.ab - sums.a * sums.b);
}
