// Moments of windows along y, or along z, made of the moments of their lines: the variance of all is the mean of the lines'
// variances and the variance of their means, again with differences to the middle line. The last axis gives the similarity
// itself (Wang et al. 2004), of which only the sum of a workgroup is kept.

// Lines per invocation.
const LINES = 4;

// Lines go along z, else along y.
override ALONG_Z: bool = false;
// Whether this is the last axis: it writes sums of similarities, else moments.
override LAST: bool = false;

struct Params {
  // Pixels along x whose windows lie inside: begin and end.
  begin_x: i32,
  end_x: i32,
  // The same along y.
  begin_y: i32,
  end_y: i32,
  // The same along z of those that are made now, and the last layer whose moments are known.
  begin_z: i32,
  end_z: i32,
  last_z: i32,
  // Layers of a block of the moments read and written: along z these are used over and over.
  depth: i32,
  depth_result: i32,
  // The layer that the first moments written belong to.
  first_result: i32,
  radius: i32,
  // Lines of a window and LINES - 1 more.
  taps: i32,
  // Number of the first partial sum.
  first_partial: u32,
  // What makes variances unbiased, and the two constants.
  norm: f32,
  c1: f32,
  c2: f32,
  shift: u32,
}

struct Moments {
  a: vec4f,
  b: vec4f,
  aa: vec4f,
  bb: vec4f,
  ab: vec4f,
}

// Moments at a place on the line that begins at an origin, whose z is the place in the ring of layers. Beyond the last
// known one it stands itself: such places have no weight, but what they hold must be finite.
fn moments_at(origin: vec3i, known: i32, place: i32) -> Moments {
  let held = min(place, known);
  let slot = origin.z + held;
  let y = select(origin.y + held, origin.y, ALONG_Z);
  let z = select(origin.z, select(slot, slot - params.depth, slot >= params.depth), ALONG_Z);
  return Moments(
    load_moments(origin.x, y, z),
    load_moments(origin.x, y, z + params.depth),
    load_moments(origin.x, y, z + 2 * params.depth),
    load_moments(origin.x, y, z + 3 * params.depth),
    load_moments(origin.x, y, z + 4 * params.depth),
  );
}

fn similarity(m: Moments) -> vec4f {
  let means = (2.0 * m.a * m.b + params.c1) / (m.a * m.a + m.b * m.b + params.c1);
  return means * ((2.0 * params.norm * m.ab + params.c2) / (params.norm * (m.aa + m.bb) + params.c2));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = tile_place(group, lane, params.shift);
  let size = size_moments();
  // Along y the group's z is the layer, along z it is the row.
  let line = LINES * place.y + select(params.begin_y, params.begin_z, ALONG_Z);
  let end = select(params.end_y, params.end_z, ALONG_Z);
  let there = (place.x < size.x) & (line < end);
  let x = min(place.x, size.x - 1);
  let begin = select(0, line - params.radius, there);
  // Layers go around.
  let begin_z = begin - begin / params.depth * params.depth;
  let origin = select(
    vec3i(x, begin, i32(group.z)),
    vec3i(x, params.begin_y + i32(group.z), begin_z),
    ALONG_Z,
  );
  let known = select(size.y - 1, params.last_z, ALONG_Z) - begin;

  var middle: array<Moments, LINES>;
  var sums: array<Moments, LINES>;
  // @unroll
  for (var o = 0; o < LINES; o++) {
    middle[o] = moments_at(origin, known, o + params.radius);
    sums[o] = Moments();
  }
  let taps = loop_count(params.taps, lane);
  for (var tap = 0; tap < taps; tap++) {
    let weights = load_weights(tap, 0, 0);
    let m = moments_at(origin, known, tap);
    // @unroll
    for (var o = 0; o < LINES; o++) {
      let a = m.a - middle[o].a;
      let b = m.b - middle[o].b;
      let weight = weights[o];
      sums[o].a += weight * a;
      sums[o].b += weight * b;
      sums[o].aa += weight * (m.aa + a * a);
      sums[o].bb += weight * (m.bb + b * b);
      sums[o].ab += weight * (m.ab + a * b);
    }
  }
  var total = 0.0;
  // @unroll
  for (var o = 0; o < LINES; o++) {
    let s = sums[o];
    let m = Moments(
      middle[o].a + s.a,
      middle[o].b + s.b,
      s.aa - s.a * s.a,
      s.bb - s.b * s.b,
      s.ab - s.a * s.b,
    );
    if (LAST) {
      let at = vec4i(4 * x) + vec4i(0, 1, 2, 3);
      let counts = (at >= vec4i(params.begin_x)) & (at < vec4i(params.end_x)) & vec4<bool>(there & (line + o < end));
      total += dot(select(vec4f(0.0), similarity(m), counts), vec4f(1.0));
    } else if (there & (line + o < end)) {
      let result = params.first_result + i32(group.z);
      let z = result - result / params.depth_result * params.depth_result;
      store_result(x, line + o, z, m.a);
      store_result(x, line + o, z + params.depth_result, m.b);
      store_result(x, line + o, z + 2 * params.depth_result, m.aa);
      store_result(x, line + o, z + 3 * params.depth_result, m.bb);
      store_result(x, line + o, z + 4 * params.depth_result, m.ab);
    }
  }
  if (LAST) {
    let sum = workgroup_sum(lane, vec4f(total, 0.0, 0.0, 0.0));
    if (lane < 4u) {
      let at = params.first_partial + (group.z * groups.y + group.y) * groups.x + group.x;
      store_partials(4u * at + lane, sum[lane]);
    }
  }
}
