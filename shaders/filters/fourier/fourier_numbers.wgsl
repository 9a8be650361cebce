// What the transforms' pages share: short transforms of two lines at a time, and where their numbers come from. A texel holds
// two complex numbers of two lines: both real parts, then both imaginary ones. Loads are cheap beside stores, so that the
// first pass along an axis takes its numbers from another arrangement (SOURCE) instead of a page of its own writing them anew.
//
// Needs of a page: the binding `source`, and in its Params `count` (numbers of a line), `mirrored` (1: the line is read from
// its end, which makes the inverse transform), `width` and `height` of the image.

// Where the numbers come from.
// 0: from an array of the same arrangement.
// 1: along y from a real image; columns 4 x and 4 x + 1 are real parts, 4 x + 2 and 4 x + 3 the imaginary ones.
// 2: along x from the transform of such an image along y. The two columns of a line come apart, and two rows side by
//    side, up to half the height: the others are their conjugates.
// 3: along y from such rows, back to lines of two columns each.
// 4: along x with two rows per texel, from an array with two columns per texel.
// 5: along y with two columns per texel, from an array with two rows per texel.
override SOURCE: i32 = 0;

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

// The number of a line that is read for a number.
fn number_read(number: i32) -> i32 {
  return select(number, params.count - number, (params.mirrored == 1) & (number > 0));
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

// The number of a line of the array that is made.
fn number_at(at: vec3i) -> vec4f {
  switch SOURCE {
    case 1: {
      return real_image(at);
    }
    case 2: {
      return parted_columns(at);
    }
    case 3: {
      return joined_columns(at);
    }
    case 4: {
      return rows_from_columns(at);
    }
    case 5: {
      return columns_from_rows(at);
    }
    default: {
      return same_arrangement(at);
    }
  }
}
