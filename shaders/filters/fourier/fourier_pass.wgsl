// One pass of Stockham's transform along an axis: n / RADIX transforms of RADIX numbers each, in registers, written where
// the next pass wants them (see fourier_numbers.wgsl).

// RADIX = A * B, each of 1, 2, 3, 4, 5, 8: B transforms of A numbers, then A transforms of B numbers.
const A = 4; // @tune
const B = 4; // @tune
const RADIX = A * B;
const PAIRS = (RADIX + 1) / 2;

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
    v[i] = number_at(origin + number_read(part + i * params.parts) * params.axis);
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
    if (A == 2) {
      var t = dft2(v[b], v[b + B]);
      // @unroll
      for (var a = 0; a < 2; a++) {
        v[b + a * B] = t[a];
      }
    }
    if (A == 3) {
      var t = dft3(v[b], v[b + B], v[b + 2 * B]);
      // @unroll
      for (var a = 0; a < 3; a++) {
        v[b + a * B] = t[a];
      }
    }
    if (A == 4) {
      var t = dft4(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B]);
      // @unroll
      for (var a = 0; a < 4; a++) {
        v[b + a * B] = t[a];
      }
    }
    if (A == 5) {
      var t = dft5(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B], v[b + 4 * B]);
      // @unroll
      for (var a = 0; a < 5; a++) {
        v[b + a * B] = t[a];
      }
    }
    if (A == 8) {
      var t = dft8(v[b], v[b + B], v[b + 2 * B], v[b + 3 * B], v[b + 4 * B], v[b + 5 * B], v[b + 6 * B], v[b + 7 * B]);
      // @unroll
      for (var a = 0; a < 8; a++) {
        v[b + a * B] = t[a];
      }
    }
  }

  // The roots of unity between the two steps are the table's last row.
  if (B > 1) {
    // @unroll
    for (var i = (B + 1) / 2; i < PAIRS; i++) {
      let roots = load_table(i, params.span, 0);
      if (2 * i % B > 0) {
        v[2 * i] = times(v[2 * i], roots.xy);
      }
      if (2 * i % B != B - 1) {
        v[2 * i + 1] = times(v[2 * i + 1], roots.zw);
      }
    }
  }
  // A transforms of B numbers each, side by side.
  // @unroll
  for (var a = 0; a < A; a++) {
    if (B == 2) {
      var t = dft2(v[a * B], v[a * B + 1]);
      // @unroll
      for (var b = 0; b < 2; b++) {
        v[a * B + b] = t[b];
      }
    }
    if (B == 3) {
      var t = dft3(v[a * B], v[a * B + 1], v[a * B + 2]);
      // @unroll
      for (var b = 0; b < 3; b++) {
        v[a * B + b] = t[b];
      }
    }
    if (B == 4) {
      var t = dft4(v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3]);
      // @unroll
      for (var b = 0; b < 4; b++) {
        v[a * B + b] = t[b];
      }
    }
    if (B == 5) {
      var t = dft5(v[a * B], v[a * B + 1], v[a * B + 2], v[a * B + 3], v[a * B + 4]);
      // @unroll
      for (var b = 0; b < 5; b++) {
        v[a * B + b] = t[b];
      }
    }
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
