// One pass of Stockham's transform along an axis: n / RADIX transforms of RADIX numbers each, in registers, written where
// the next pass wants them. A texel holds two complex numbers of two lines: both real parts, then both imaginary ones.
// Loads are cheap beside stores, so that the first pass along an axis takes its numbers from another arrangement (SOURCE)
// instead of a page of its own writing them anew.

// RADIX = A * B, each of 1, 2, 3, 4, 5, 8: B transforms of A numbers, then A transforms of B numbers.
const A = 4; // @tune
const B = 4; // @tune
const RADIX = A * B;
const PAIRS = (RADIX + 1) / 2;

// Where the numbers come from.
// 0: from an array of the same arrangement.
// 1: along y from a real image; columns 4 x and 4 x + 1 are real parts, 4 x + 2 and 4 x + 3 the imaginary ones.
// 2: along x from the transform of such an image along y. The two columns of a line come apart, and two rows side by
//    side, up to half the height: the others are their conjugates.
// 3: along y from such rows, back to lines of two columns each.
// 4: along x with two rows per texel, from an array with two columns per texel.
// 5: along y with two columns per texel, from an array with two rows per texel.
override SOURCE: i32 = 0;
// Whether results are held between two values.
override CLIP: bool = false;
// 1: the first pass along an axis, whose factors are all 1.
override FIRST: i32 = 0;

struct Params {
  // Step along the axis: one column, one row or one layer.
  axis: vec3i,
  // Numbers of a line.
  count: i32,
  // Extents of the work: columns, rows and layers, with count / RADIX along the axis.
  work: vec3i,
  // Numbers of the transforms that the passes before this one have made.
  span: i32,
  // count / RADIX.
  parts: i32,
  // 1: the line is read from its end, which makes the inverse transform.
  mirrored: i32,
  // Columns and rows of the image.
  width: i32,
  height: i32,
  scale: f32,
  low: f32,
  high: f32,
}

// v times -i.
fn turned(v: vec4f) -> vec4f {
  return vec4f(v.zw, -v.xy);
}

fn times(v: vec4f, w: vec2f) -> vec4f {
  return w.x * v + w.y * vec4f(-v.zw, v.xy);
}

fn dft2(a: vec4f, b: vec4f) -> array<vec4f, 2> {
  return array<vec4f, 2>(a + b, a - b);
}

fn dft3(a: vec4f, b: vec4f, c: vec4f) -> array<vec4f, 3> {
  let sum = b + c;
  let half = a - 0.5 * sum;
  let side = turned(0.8660254037844386 * (b - c));
  return array<vec4f, 3>(a + sum, half + side, half - side);
}

fn dft4(a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> array<vec4f, 4> {
  let even = a + c;
  let odd = a - c;
  let sum = b + d;
  let side = turned(b - d);
  return array<vec4f, 4>(even + sum, odd + side, even - sum, odd - side);
}

fn dft5(a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f) -> array<vec4f, 5> {
  let near = b + e;
  let far = c + d;
  let real_1 = a + 0.30901699437494745 * near - 0.80901699437494745 * far;
  let real_2 = a - 0.80901699437494745 * near + 0.30901699437494745 * far;
  let side_1 = turned(0.95105651629515357 * (b - e) + 0.58778525229247314 * (c - d));
  let side_2 = turned(0.58778525229247314 * (b - e) - 0.95105651629515357 * (c - d));
  return array<vec4f, 5>(a + near + far, real_1 + side_1, real_2 + side_2, real_2 - side_2, real_1 - side_1);
}

fn dft8(a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f, f: vec4f, g: vec4f, h: vec4f) -> array<vec4f, 8> {
  let even = dft4(a, c, e, g);
  let odd = dft4(b, d, f, h);
  let side_0 = odd[0];
  let side_1 = 0.7071067811865476 * (odd[1] + turned(odd[1]));
  let side_2 = turned(odd[2]);
  let side_3 = 0.7071067811865476 * (turned(odd[3]) - odd[3]);
  return array<vec4f, 8>(
    even[0] + side_0, even[1] + side_1, even[2] + side_2, even[3] + side_3,
    even[0] - side_0, even[1] - side_1, even[2] - side_2, even[3] - side_3,
  );
}

// Where the number of a line is read.
fn place_of(origin: vec3i, number: i32) -> vec3i {
  let turn = (params.mirrored == 1) & (number > 0);
  return origin + select(number, params.count - number, turn) * params.axis;
}

// Two numbers that lie in two texels, at the same place of each.
fn paired(a: vec4f, b: vec4f, place: i32) -> vec4f {
  return vec4f(a[place], b[place], a[place + 2], b[place + 2]);
}

// A frequency of one of the four columns in a texel, from that frequency of the two lines and its opposite.
fn untangled(line: vec4f, opposite: vec4f, column: i32) -> vec2f {
  let one = column & 1;
  let real = vec2f(line[one] + opposite[one], line[one + 2] - opposite[one + 2]);
  let imaginary = vec2f(line[one + 2] + opposite[one + 2], opposite[one] - line[one]);
  return 0.5 * select(real, imaginary, column >= 2);
}

// The number at a place of a line, as each source has it.
fn same_arrangement(at: vec3i) -> vec4f {
  return load_source(at.x, at.y, at.z);
}

fn real_image(at: vec3i) -> vec4f {
  let inside = 4 * at.x + vec4i(0, 1, 2, 3) < vec4i(params.width);
  return select(vec4f(), load_source(at.x, at.y, at.z), inside);
}

fn parted_columns(at: vec3i) -> vec4f {
  let y = 2 * at.y;
  let next = min(y + 1, params.height - 1);
  let a = load_source(at.x / 4, y, at.z);
  let b = load_source(at.x / 4, next, at.z);
  let opposite_a = load_source(at.x / 4, select(params.height - y, 0, y == 0), at.z);
  let opposite_b = load_source(at.x / 4, select(params.height - next, 0, next == 0), at.z);
  let first = untangled(a, opposite_a, at.x & 3);
  let second = untangled(b, opposite_b, at.x & 3);
  return vec4f(first.x, second.x, first.y, second.y);
}

fn joined_columns(at: vec3i) -> vec4f {
  let far = 2 * at.y > params.height;
  let near = select(at.y, params.height - at.y, far);
  let last = params.width - 1;
  let place = near & 1;
  let a = load_source(4 * at.x, near / 2, at.z);
  let b = load_source(min(4 * at.x + 1, last), near / 2, at.z);
  let c = load_source(min(4 * at.x + 2, last), near / 2, at.z);
  let d = load_source(min(4 * at.x + 3, last), near / 2, at.z);
  let real = vec4f(a[place], b[place], c[place], d[place]);
  let imaginary = vec4f(a[place + 2], b[place + 2], c[place + 2], d[place + 2]);
  // Frequencies that are their own opposites have no imaginary part.
  let sign = select(select(1.0, -1.0, far), 0.0, (near == 0) | (2 * near == params.height));
  return real + sign * vec4f(-imaginary.zw, imaginary.xy);
}

fn rows_from_columns(at: vec3i) -> vec4f {
  let next = min(2 * at.y + 1, params.height - 1);
  return paired(load_source(at.x / 2, 2 * at.y, at.z), load_source(at.x / 2, next, at.z), at.x & 1);
}

fn columns_from_rows(at: vec3i) -> vec4f {
  let next = min(2 * at.x + 1, params.width - 1);
  return paired(load_source(2 * at.x, at.y / 2, at.z), load_source(next, at.y / 2, at.z), at.y & 1);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = vec3i(flat_place(group, groups, lane, params.work.x), i32(group.z) + slab_begin());
  if (place.y >= params.work.y) {
    return;
  }
  // Along z the lines of a channel's layers come one channel after the other.
  let channel = place.z / params.parts;
  let along_z = params.axis.z == 1;
  let part = select(dot(place, params.axis), place.z - channel * params.parts, along_z);
  let across = place * (vec3i(1) - params.axis);
  let origin = select(across, vec3i(place.xy, channel * params.count), along_z);
  let block = part / params.span;
  let k = part - block * params.span;

  var v: array<vec4f, 2 * PAIRS>;
  if (SOURCE == 0) {
    // @unroll
    for (var i = 0; i < RADIX; i++) {
      v[i] = same_arrangement(place_of(origin, part + i * params.parts));
    }
  }
  if (SOURCE == 1) {
    // @unroll
    for (var i = 0; i < RADIX; i++) {
      v[i] = real_image(place_of(origin, part + i * params.parts));
    }
  }
  if (SOURCE == 2) {
    // @unroll
    for (var i = 0; i < RADIX; i++) {
      v[i] = parted_columns(place_of(origin, part + i * params.parts));
    }
  }
  if (SOURCE == 3) {
    // @unroll
    for (var i = 0; i < RADIX; i++) {
      v[i] = joined_columns(place_of(origin, part + i * params.parts));
    }
  }
  if (SOURCE == 4) {
    // @unroll
    for (var i = 0; i < RADIX; i++) {
      v[i] = rows_from_columns(place_of(origin, part + i * params.parts));
    }
  }
  if (SOURCE == 5) {
    // @unroll
    for (var i = 0; i < RADIX; i++) {
      v[i] = columns_from_rows(place_of(origin, part + i * params.parts));
    }
  }
  // The factor of the first number is always 1.
  if (FIRST == 0) {
    let twiddles = load_table(0, k, 0);
    v[1] = times(v[1], twiddles.zw);
    // @unroll
    for (var i = 1; i < PAIRS; i++) {
      let twiddles = load_table(i, k, 0);
      v[2 * i] = times(v[2 * i], twiddles.xy);
      v[2 * i + 1] = times(v[2 * i + 1], twiddles.zw);
    }
  }

  // B transforms of A numbers each, B apart.
  // @unroll
  for (var b = 0; b < B; b++) {
    // @if
    if (A == 2) {
      var t = dft2(v[b], v[b + B]);
      // @unroll
      for (var a = 0; a < 2; a++) {
        v[b + a * B] = t[a];
      }
    }
    // @if
    if (A == 3) {
      var t = dft3(v[b], v[b + B], v[b + 2 * B]);
      // @unroll
      for (var a = 0; a < 3; a++) {
        v[b + a * B] = t[a];
      }
    }
    // @if
    if (A == 4) {
      var t = dft4(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B]);
      // @unroll
      for (var a = 0; a < 4; a++) {
        v[b + a * B] = t[a];
      }
    }
    // @if
    if (A == 5) {
      var t = dft5(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B], v[b + 4 * B]);
      // @unroll
      for (var a = 0; a < 5; a++) {
        v[b + a * B] = t[a];
      }
    }
    // @if
    if (A == 8) {
      var t = dft8(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B], v[b + 4 * B], v[b + 5 * B], v[b + 6 * B], v[b + 7 * B]);
      // @unroll
      for (var a = 0; a < 8; a++) {
        v[b + a * B] = t[a];
      }
    }
  }

  // The roots of unity between the two steps are the table's last row.
  // @if
  if (B > 1) {
    // @unroll
    for (var i = (B + 1) / 2; i < PAIRS; i++) {
      let roots = load_table(i, params.span, 0);
      // @if
      if (2 * i % B > 0) {
        v[2 * i] = times(v[2 * i], roots.xy);
      }
      // @if
      if (2 * i % B != B - 1) {
        v[2 * i + 1] = times(v[2 * i + 1], roots.zw);
      }
    }
  }
  // A transforms of B numbers each, side by side.
  // @unroll
  for (var a = 0; a < A; a++) {
    // @if
    if (B == 2) {
      var t = dft2(v[a * B], v[a * B + 1]);
      // @unroll
      for (var b = 0; b < 2; b++) {
        v[a * B + b] = t[b];
      }
    }
    // @if
    if (B == 3) {
      var t = dft3(v[a * B], v[a * B + 1], v[a * B + 2]);
      // @unroll
      for (var b = 0; b < 3; b++) {
        v[a * B + b] = t[b];
      }
    }
    // @if
    if (B == 4) {
      var t = dft4(v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3]);
      // @unroll
      for (var b = 0; b < 4; b++) {
        v[a * B + b] = t[b];
      }
    }
    // @if
    if (B == 5) {
      var t = dft5(v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3], v[a * B + 4]);
      // @unroll
      for (var b = 0; b < 5; b++) {
        v[a * B + b] = t[b];
      }
    }
    // @if
    if (B == 8) {
      var t = dft8(
        v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3], v[a * B + 4], v[a * B + 5], v[a * B + 6], v[a * B + 7],
      );
      // @unroll
      for (var b = 0; b < 8; b++) {
        v[a * B + b] = t[b];
      }
    }
  }

  let first = block * params.span * RADIX + k;
  // @unroll
  for (var a = 0; a < A; a++) {
    // @unroll
    for (var b = 0; b < B; b++) {
      let at = origin + (first + (a + A * b) * params.span) * params.axis;
      let value = params.scale * v[a * B + b];
      store_result(at.x, at.y, at.z, select(value, clamp(value, vec4f(params.low), vec4f(params.high)), CLIP));
    }
  }
}
