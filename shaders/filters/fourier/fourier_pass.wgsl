// One pass of Stockham's transform along an axis: n / RADIX transforms of RADIX numbers each, in registers, written where
// the next pass wants them. A texel holds two complex numbers of two lines: both real parts, then both imaginary ones.

// RADIX = A * B, each of 1, 2, 3, 4, 5, 8: B transforms of A numbers, then A transforms of B numbers.
const A = 4; // @tune
const B = 4; // @tune
const RADIX = A * B;
const PAIRS = (RADIX + 1) / 2;

// 1 for the length that it names and 0 for the others; loops of no turns vanish.
const A_IS_8 = A / 8;
const A_IS_5 = A / 5 - A / 8;
const A_IS_4 = A / 4 - A / 5 - A / 8;
const A_IS_3 = A / 3 - A / 4;
const A_IS_2 = A / 2 - A / 3 - A / 4;
const B_IS_8 = B / 8;
const B_IS_5 = B / 5 - B / 8;
const B_IS_4 = B / 4 - B / 5 - B / 8;
const B_IS_3 = B / 3 - B / 4;
const B_IS_2 = B / 2 - B / 3 - B / 4;
const B_IS_1 = 1 / B;

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
  scale: f32,
}

// v times -i.
fn turned(v: vec4f) -> vec4f {
  return vec4f(v.zw, -v.xy);
}

fn times(v: vec4f, w: vec2f) -> vec4f {
  return w.x * v + w.y * vec4f(-v.zw, v.xy);
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
  // @unroll
  for (var i = 0; i < RADIX; i++) {
    let number = part + i * params.parts;
    let turn = (params.mirrored == 1) & (number > 0);
    let at = origin + select(number, params.count - number, turn) * params.axis;
    v[i] = load_source(at.x, at.y, at.z);
  }
  // @unroll
  for (var i = 0; i < PAIRS; i++) {
    let twiddles = load_table(i, k, 0);
    v[2 * i] = times(v[2 * i], twiddles.xy);
    v[2 * i + 1] = times(v[2 * i + 1], twiddles.zw);
  }

  // @unroll
  for (var b = 0; b < B * A_IS_2; b++) {
    let x = v[b];
    let y = v[b + B];
    v[b] = x + y;
    v[b + B] = x - y;
  }
  // @unroll
  for (var b = 0; b < B * A_IS_3; b++) {
    let t = dft3(v[b], v[b + B], v[b + 2 * B]);
    v[b] = t[0];
    v[b + B] = t[1];
    v[b + 2 * B] = t[2];
  }
  // @unroll
  for (var b = 0; b < B * A_IS_4; b++) {
    let t = dft4(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B]);
    v[b] = t[0];
    v[b + B] = t[1];
    v[b + 2 * B] = t[2];
    v[b + 3 * B] = t[3];
  }
  // @unroll
  for (var b = 0; b < B * A_IS_5; b++) {
    let t = dft5(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B], v[b + 4 * B]);
    v[b] = t[0];
    v[b + B] = t[1];
    v[b + 2 * B] = t[2];
    v[b + 3 * B] = t[3];
    v[b + 4 * B] = t[4];
  }
  // @unroll
  for (var b = 0; b < B * A_IS_8; b++) {
    let t = dft8(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B], v[b + 4 * B], v[b + 5 * B], v[b + 6 * B], v[b + 7 * B]);
    v[b] = t[0];
    v[b + B] = t[1];
    v[b + 2 * B] = t[2];
    v[b + 3 * B] = t[3];
    v[b + 4 * B] = t[4];
    v[b + 5 * B] = t[5];
    v[b + 6 * B] = t[6];
    v[b + 7 * B] = t[7];
  }

  // The roots of unity between the two steps are the table's last row.
  // @unroll
  for (var i = 0; i < PAIRS * (1 - B_IS_1); i++) {
    let roots = load_table(i, params.span, 0);
    v[2 * i] = times(v[2 * i], roots.xy);
    v[2 * i + 1] = times(v[2 * i + 1], roots.zw);
  }
  // @unroll
  for (var a = 0; a < A * B_IS_2; a++) {
    let x = v[a * B];
    let y = v[a * B + 1];
    v[a * B] = x + y;
    v[a * B + 1] = x - y;
  }
  // @unroll
  for (var a = 0; a < A * B_IS_3; a++) {
    let t = dft3(v[a * B], v[a * B + 1], v[a * B + 2]);
    v[a * B] = t[0];
    v[a * B + 1] = t[1];
    v[a * B + 2] = t[2];
  }
  // @unroll
  for (var a = 0; a < A * B_IS_4; a++) {
    let t = dft4(v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3]);
    v[a * B] = t[0];
    v[a * B + 1] = t[1];
    v[a * B + 2] = t[2];
    v[a * B + 3] = t[3];
  }
  // @unroll
  for (var a = 0; a < A * B_IS_5; a++) {
    let t = dft5(v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3], v[a * B + 4]);
    v[a * B] = t[0];
    v[a * B + 1] = t[1];
    v[a * B + 2] = t[2];
    v[a * B + 3] = t[3];
    v[a * B + 4] = t[4];
  }
  // @unroll
  for (var a = 0; a < A * B_IS_8; a++) {
    let t = dft8(
      v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3], v[a * B + 4], v[a * B + 5], v[a * B + 6], v[a * B + 7],
    );
    v[a * B] = t[0];
    v[a * B + 1] = t[1];
    v[a * B + 2] = t[2];
    v[a * B + 3] = t[3];
    v[a * B + 4] = t[4];
    v[a * B + 5] = t[5];
    v[a * B + 6] = t[6];
    v[a * B + 7] = t[7];
  }

  let first = block * params.span * RADIX + k;
  // @unroll
  for (var a = 0; a < A; a++) {
    // @unroll
    for (var b = 0; b < B; b++) {
      let at = origin + (first + (a + A * b) * params.span) * params.axis;
      store_result(at.x, at.y, at.z, params.scale * v[a * B + b]);
    }
  }
}
