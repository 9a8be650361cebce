// Non-local means for patches of any size and weights: the distance of each search position from its patch, row by row.
// Four rows of outputs share the sums along x. Sums over a range of search positions are added to those before.

struct Params {
  border_y: vec4i,
  border_z: vec4i,
  // Search positions count if they lie from `low` to `high` (x, y, z).
  low: vec3i,
  // Layers of a channel.
  depth: i32,
  high: vec3i,
  // Pixels of a row.
  width: i32,
  // Radii of the search window (x, y, z).
  search: vec3i,
  // Texels before the image's first one.
  before: i32,
  // Search positions of this dispatch: the first one, and how many.
  begin: i32,
  count: i32,
  // Texels of patch weights along x, whose middle one begins with the middle pixel.
  taps: i32,
  // Radii of the patch.
  radius_y: i32,
  radius_z: i32,
  // The filter's h is `h + strength * sigma`.
  h: f32,
  strength: f32,
  rician: u32,
  shift: u32,
}

// Pixels 0 to 3 from a place within two texels.
fn shifted(first: vec4f, second: vec4f, offset: i32) -> vec4f {
  let far = offset > 1;
  let pixels = select(first, vec4f(first.zw, second.xy), far);
  let next = select(second.x, second.z, far);
  return select(pixels, vec4f(pixels.yzw, next), (offset & 1) == 1);
}

// Squares that overflow would meet weights of 0.
fn squared(difference: vec4f) -> vec4f {
  return min(difference * difference, vec4f(1e30));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = vec3i((params.width + 3) / 4, size_padded().yz);
  let y = place.y * 4;
  if ((place.x >= size.x) | (y >= size.y)) {
    return;
  }
  let layer = slab_begin() + i32(group.z);
  let z = layer - layer / params.depth * params.depth;
  let base = layer - z;
  let x = place.x + params.before;
  let sigma = load_sigma(u32(layer / params.depth));
  let h = params.h + params.strength * sigma;
  let weighing = weighing_of(h, sigma, 1.0);

  let radius_z = loop_count(params.radius_z, lane);
  let line_count = loop_count(4 + 2 * params.radius_y, lane);
  let tap_count = loop_count(params.taps, lane);
  let end = loop_count(params.begin + params.count, lane);
  let span = 2 * params.search + 1;
  var sums: array<vec4f, 4>;
  var totals: array<vec4f, 4>;
  // @unroll
  for (var o = 0; o < 4; o++) {
    sums[o] = vec4f();
    totals[o] = vec4f();
  }
  for (var q = params.begin; q < end; q++) {
    let row = q / span.x;
    let offset = vec3i(q - row * span.x, row - row / span.y * span.y, row / span.y) - params.search;
    // Shifts go by whole texels and up to three pixels more.
    let step = offset.x & 3;
    let far_x = x + (offset.x - step) / 4;

    var distances: array<vec4f, 4>;
    // @unroll
    for (var o = 0; o < 4; o++) {
      distances[o] = vec4f();
    }
    for (var kz = -radius_z; kz <= radius_z; kz++) {
      let near_layer = base + border_source(z + kz, params.border_z);
      let far_layer = base + border_source(z + kz + offset.z, params.border_z);
      let weight_z = load_weights(params.radius_z + kz, 2, 0).x;
      for (var i = 0; i < line_count; i++) {
        let line = y + i - params.radius_y;
        let near_y = border_source(line, params.border_y);
        let far_y = border_source(line + offset.y, params.border_y);
        let first = -(params.taps / 2);
        var far = load_padded(far_x + first, far_y, far_layer);
        var next = load_padded(far_x + first + 1, far_y, far_layer);
        var squares = squared(load_padded(x + first, near_y, near_layer) - shifted(far, next, step));
        var total = vec4f();
        for (var t = 0; t < tap_count; t++) {
          far = next;
          next = load_padded(far_x + first + t + 2, far_y, far_layer);
          let more = squared(load_padded(x + first + t + 1, near_y, near_layer) - shifted(far, next, step));
          let taps = load_weights(t, 0, 0);
          total += taps.x * squares + taps.y * vec4f(squares.yzw, more.x) + taps.z * vec4f(squares.zw, more.xy) +
            taps.w * vec4f(squares.w, more.xyz);
          squares = more;
        }
        // The weights that this line has in the patches of the four rows.
        let shares = weight_z * load_weights(i, 1, 0);
        // @unroll
        for (var o = 0; o < 4; o++) {
          distances[o] += shares[o] * total;
        }
      }
    }

    let column = vec4i(4 * place.x + offset.x) + vec4i(0, 1, 2, 3);
    let counts = (column >= vec4i(params.low.x)) & (column <= vec4i(params.high.x)) &
      vec4<bool>((z + offset.z >= params.low.z) & (z + offset.z <= params.high.z));
    let far_layer = base + border_source(z + offset.z, params.border_z);
    // @unroll
    for (var o = 0; o < 4; o++) {
      let far_y = y + o + offset.y;
      let inside = counts & vec4<bool>((far_y >= params.low.y) & (far_y <= params.high.y));
      let least = select(vec4i(weighing.none), vec4i(weighing.full), inside);
      let weight = weight_of(weighing.sharpness * distances[o], least, weighing);
      let source_y = border_source(far_y, params.border_y);
      let pixels = shifted(
        load_padded(far_x, source_y, far_layer),
        load_padded(far_x + 1, source_y, far_layer),
        step,
      );
      sums[o] += weight * select(pixels, pixels * pixels, params.rician == 1u);
      totals[o] += weight;
    }
  }

  // @unroll
  for (var o = 0; o < 4; o++) {
    if (y + o < size.y) {
      for (var p = 0; p < min(4, params.width - 4 * place.x); p++) {
        let at = u32(((layer * size.y) + y + o) * params.width + 4 * place.x + p);
        // No branch: lavapipe would compile the page anew for each kind of dispatch.
        store_sums(at, sums[o][p] + select(0.0, load_sums(at), params.begin > 0));
        store_totals(at, totals[o][p] + select(0.0, load_totals(at), params.begin > 0));
      }
    }
  }
}
