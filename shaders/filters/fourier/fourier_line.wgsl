// The transform along an axis of whole lines of 256 SUBS numbers by subgroups of 8 lanes, which hand numbers to each other
// instead of storing them between passes (see fourier_numbers.wgsl). A subgroup makes the two lines of a texel.
//
// With n = SIZE a + b and k = c + 32 d the transform is, for each b, one of 32 numbers over a, a factor for each b and c, and,
// for each c, one of SIZE numbers over b. A lane has the numbers b = lane + 8 i at first and c = lane + 8 j at last.

// Numbers of a line over 256: 1, 2 or 4.
const SUBS = 4; // @tune
const SIZE = 8 * SUBS;
// The axis of the lines: 0, 1 or 2. What doesn't change along it is then worked out once for all of a line's numbers.
override AXIS: i32 = 0;

struct Params {
  // Numbers of a line.
  count: i32,
  // Extents of the work: columns, rows and layers, with one along the axis.
  work: vec3i,
  // 1: the line is read from its end, which makes the inverse transform.
  mirrored: i32,
  // Columns and rows of the image.
  width: i32,
  height: i32,
  scale: f32,
}

// The place of a number of the line that begins at `origin`.
fn line_place(origin: vec3i, number: i32) -> vec3i {
  return vec3i(
    select(origin.x, number, AXIS == 0),
    select(origin.y, number, AXIS == 1),
    select(origin.z, origin.z + number, AXIS == 2),
  );
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32(flat_group(group, groups));
  let row = index / params.work.x;
  if (row >= params.work.y) {
    return;
  }
  let z = (i32(group.z) + slab_begin()) * select(1, params.count, AXIS == 2);
  let origin = vec3i(index - row * params.work.x, row, z);
  let me = i32(lane);

  // Transforms of 32 numbers over a, times the factors.
  var u: array<vec4f, 32 * SUBS>;
  // @unroll
  for (var i = 0; i < SUBS; i++) {
    var v: array<vec4f, 32>;
    // @unroll
    for (var a = 0; a < 32; a++) {
      v[a] = number_at(line_place(origin, number_read(SIZE * a + 8 * i + me)));
    }
    // @unroll
    for (var b = 0; b < 8; b++) {
      var t = dft4(v[b], v[b + 8], v[b + 16], v[b + 24]);
      // @unroll
      for (var a = 0; a < 4; a++) {
        v[b + 8 * a] = t[a];
        if (a * b > 0) {
          v[b + 8 * a] = times(t[a], ROOTS[a * b]);
        }
      }
    }
    // @unroll
    for (var a = 0; a < 4; a++) {
      var t = dft8(
        v[8 * a], v[8 * a + 1], v[8 * a + 2], v[8 * a + 3],
        v[8 * a + 4], v[8 * a + 5], v[8 * a + 6], v[8 * a + 7],
      );
      // @unroll
      for (var b = 0; b < 8; b++) {
        u[32 * i + a + 4 * b] = t[b];
      }
    }
    // @unroll
    for (var j = 0; j < 16; j++) {
      let factors = load_table(me + 8 * (16 * i + j), 0, 0);
      u[32 * i + 2 * j] = times(u[32 * i + 2 * j], factors.xy);
      u[32 * i + 2 * j + 1] = times(u[32 * i + 2 * j + 1], factors.zw);
    }
    // Numbers c = 8 j + g of eight lanes change places with those of eight c, over distances of 4, 2 and 1.
    // @unroll
    for (var j = 0; j < 4; j++) {
      // @unroll
      for (var turn = 0; turn < 3; turn++) {
        let upper = (lane & u32(4 / (1 + turn))) != 0u;
        let other = lane ^ u32(4 / (1 + turn));
        // @unroll
        for (var g = 0; g < 8; g++) {
          if (g / (4 / (1 + turn)) - g / (8 / (1 + turn)) * 2 == 0) {
            let a = u[32 * i + 8 * j + g];
            let b = u[32 * i + 8 * j + g + 4 / (1 + turn)];
            let received = subgroupShuffle(select(b, a, upper), other);
            u[32 * i + 8 * j + g] = select(a, received, upper);
            u[32 * i + 8 * j + g + 4 / (1 + turn)] = select(received, b, upper);
          }
        }
      }
    }
  }

  // Transforms of SIZE numbers over b = g + 8 i, for each of four c.
  // @unroll
  for (var j = 0; j < 4; j++) {
    var v: array<vec4f, SIZE>;
    // @unroll
    for (var g = 0; g < 8; g++) {
      if (SUBS == 1) {
        v[g] = u[8 * j + g];
      }
      if (SUBS == 2) {
        v[g] = u[8 * j + g] + u[32 * (SUBS - 1) + 8 * j + g];
        v[8 * (SUBS - 1) + g] = times(u[8 * j + g] - u[32 * (SUBS - 1) + 8 * j + g], ROOTS[2 * g]);
      }
      if (SUBS == 4) {
        var t = dft4(u[8 * j + g], u[8 * j + g + 32], u[8 * j + g + 64], u[8 * j + g + 96]);
        // @unroll
        for (var a = 0; a < 4; a++) {
          v[g + 8 * a] = t[a];
          if (a * g > 0) {
            v[g + 8 * a] = times(t[a], ROOTS[a * g]);
          }
        }
      }
    }
    // @unroll
    for (var a = 0; a < SUBS; a++) {
      var t = dft8(
        v[8 * a], v[8 * a + 1], v[8 * a + 2], v[8 * a + 3],
        v[8 * a + 4], v[8 * a + 5], v[8 * a + 6], v[8 * a + 7],
      );
      // @unroll
      for (var d = 0; d < 8; d++) {
        let at = line_place(origin, me + 8 * j + 32 * (a + SUBS * d));
        store_result(at.x, at.y, at.z, params.scale * t[d]);
      }
    }
  }
}
