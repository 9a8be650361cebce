// The transform along x of a real image that was transformed along y, as real and imaginary parts: whole rows by subgroups of
// 8 lanes, which hand numbers to each other instead of storing them between passes. A row has 256 SUBS numbers, and a subgroup
// makes 4 / SUBS rows of the half that is computed, with the conjugate rows of the other half.
//
// With x = SIZE a + b and k = c + 32 d the transform is, for each b, one of 32 numbers over a, a factor for each b and c, and,
// for each c, one of SIZE numbers over b. A lane has four neighbors b at first and four neighbors c at last.

// Columns over 256: 1, 2 or 4.
const SUBS = 4; // @tune
const SIZE = 8 * SUBS;
// 1: only columns up to half the width are stored.
const HALF = 0; // @tune
// Rows of a subgroup, and lanes that a row has at first.
const ROWS = 4 / SUBS;
const ROW_LANES = 2 * SUBS;

struct Params {
  // Rows of the image.
  height: i32,
  // Layers of the real parts.
  layers: i32,
}

// v times -i.
fn turned(v: vec2f) -> vec2f {
  return vec2f(v.y, -v.x);
}

fn times(v: vec2f, w: vec2f) -> vec2f {
  return vec2f(w.x * v.x - w.y * v.y, w.x * v.y + w.y * v.x);
}

fn dft4(a: vec2f, b: vec2f, c: vec2f, d: vec2f) -> array<vec2f, 4> {
  let even = a + c;
  let odd = a - c;
  let sum = b + d;
  let side = turned(b - d);
  return array<vec2f, 4>(even + sum, odd + side, even - sum, odd - side);
}

fn dft8(a: vec2f, b: vec2f, c: vec2f, d: vec2f, e: vec2f, f: vec2f, g: vec2f, h: vec2f) -> array<vec2f, 8> {
  let even = dft4(a, c, e, g);
  let odd = dft4(b, d, f, h);
  let root = 0.7071067811865476;
  let side_1 = root * vec2f(odd[1].x + odd[1].y, odd[1].y - odd[1].x);
  let side_2 = turned(odd[2]);
  let side_3 = root * vec2f(odd[3].y - odd[3].x, -(odd[3].x + odd[3].y));
  return array<vec2f, 8>(
    even[0] + odd[0], even[1] + side_1, even[2] + side_2, even[3] + side_3,
    even[0] - odd[0], even[1] - side_1, even[2] - side_2, even[3] - side_3,
  );
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let layer = i32(group.z);
  let last = params.height / 2;
  let first_row = i32(group.x) * ROWS;

  // A texel holds four columns as two complex lines; what is conjugate in the opposite row takes them apart.
  let row = min(first_row + i32(lane) / ROW_LANES, last);
  let opposite_row = select(params.height - row, 0, row == 0);
  let texel = i32(lane % u32(ROW_LANES));
  // Number i of a lane for a or c at 32 i + a.
  var v: array<vec2f, 128>;
  // @unroll
  for (var a = 0; a < 32; a++) {
    let near = load_columns(texel + a * ROW_LANES, row, layer);
    let far = load_columns(texel + a * ROW_LANES, opposite_row, layer);
    let sum = near + far;
    let difference = near - far;
    v[a] = vec2f(sum.x, difference.z);
    v[32 + a] = vec2f(sum.y, difference.w);
    v[64 + a] = vec2f(sum.z, -difference.x);
    v[96 + a] = vec2f(sum.w, -difference.y);
  }

  // The factors: one for each lane and c, and one for each of its numbers and c, which the lanes load for each other.
  var lane_factors: array<vec2f, 32>;
  // @unroll
  for (var j = 0; j < 16; j++) {
    let factors = load_table(8 * j + i32(lane), 0, 0);
    lane_factors[2 * j] = factors.xy;
    lane_factors[2 * j + 1] = factors.zw;
  }
  var shared_factors: array<vec4f, 8>;
  // @unroll
  for (var j = 0; j < 8; j++) {
    shared_factors[j] = load_table(8 * j + i32(lane), 1, 0);
  }

  // Transforms of 32 numbers over a, times the factors.
  var u: array<vec2f, 128>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    // @unroll
    for (var b = 0; b < 8; b++) {
      var t = dft4(v[32 * i + b], v[32 * i + b + 8], v[32 * i + b + 16], v[32 * i + b + 24]);
      // @unroll
      for (var a = 0; a < 4; a++) {
        v[32 * i + b + 8 * a] = t[a];
        if (a * b > 0) {
          v[32 * i + b + 8 * a] = times(t[a], ROOTS[a * b]);
        }
      }
    }
    // @unroll
    for (var a = 0; a < 4; a++) {
      var t = dft8(
        v[32 * i + 8 * a], v[32 * i + 8 * a + 1], v[32 * i + 8 * a + 2], v[32 * i + 8 * a + 3],
        v[32 * i + 8 * a + 4], v[32 * i + 8 * a + 5], v[32 * i + 8 * a + 6], v[32 * i + 8 * a + 7],
      );
      // @unroll
      for (var b = 0; b < 8; b++) {
        u[32 * i + a + 4 * b] = t[b];
        if (a + b > 0) {
          u[32 * i + a + 4 * b] = times(t[b], lane_factors[a + 4 * b]);
        }
        if (i * (a + b) > 0) {
          let factor = subgroupShuffle(
            shared_factors[(32 * i + a + 4 * b) / 16],
            u32((32 * i + a + 4 * b) / 2) & 7u,
          );
          if (a - a / 2 * 2 == 0) {
            u[32 * i + a + 4 * b] = times(u[32 * i + a + 4 * b], factor.xy);
          } else {
            u[32 * i + a + 4 * b] = times(u[32 * i + a + 4 * b], factor.zw);
          }
        }
      }
    }
  }

  // Numbers of eight lanes for eight groups of four c change places, over distances of 4, 2 and 1.
  // @unroll
  for (var i = 0; i < 4; i++) {
    // @unroll
    for (var c = 0; c < 4; c++) {
      // @unroll
      for (var turn = 0; turn < 3; turn++) {
        let upper = (lane & u32(4 / (1 + turn))) != 0u;
        let other = lane ^ u32(4 / (1 + turn));
        // @unroll
        for (var g = 0; g < 8; g++) {
          if (g / (4 / (1 + turn)) - g / (8 / (1 + turn)) * 2 == 0) {
            let a = u[32 * i + 4 * g + c];
            let b = u[32 * i + 4 * (g + 4 / (1 + turn)) + c];
            let received = subgroupShuffle(select(b, a, upper), other);
            u[32 * i + 4 * g + c] = select(a, received, upper);
            u[32 * i + 4 * (g + 4 / (1 + turn)) + c] = select(received, b, upper);
          }
        }
      }
    }
  }

  // Transforms of SIZE numbers over b = 4 g + i, for each of four c. What belongs to c lies at 32 c + b.
  // @unroll
  for (var c = 0; c < 4; c++) {
    // @unroll
    for (var g = 0; g < 8; g++) {
      // @unroll
      for (var i = 0; i < 4; i++) {
        v[32 * c + 4 * g + i] = u[32 * i + 4 * g + c];
      }
    }
  }
  // @unroll
  for (var r = 0; r < 128; r += SIZE) {
    // @unroll
    for (var b = 0; b < 8; b++) {
      if (SUBS == 2) {
        let sum = v[r + b] + v[r + b + 8];
        let difference = v[r + b] - v[r + b + 8];
        v[r + b] = sum;
        v[r + b + 8] = times(difference, ROOTS[2 * b]);
      }
      if (SUBS == 4) {
        var t = dft4(v[r + b], v[r + b + 8], v[r + b + 16], v[r + b + 24]);
        // @unroll
        for (var a = 0; a < 4; a++) {
          v[r + b + 8 * a] = t[a];
          if (a * b > 0) {
            v[r + b + 8 * a] = times(t[a], ROOTS[a * b]);
          }
        }
      }
    }
    // @unroll
    for (var a = 0; a < SUBS; a++) {
      var t = dft8(
        v[r + 8 * a], v[r + 8 * a + 1], v[r + 8 * a + 2], v[r + 8 * a + 3],
        v[r + 8 * a + 4], v[r + 8 * a + 5], v[r + 8 * a + 6], v[r + 8 * a + 7],
      );
      // @unroll
      for (var b = 0; b < 8; b++) {
        u[r + a + SUBS * b] = t[b];
      }
    }
  }

  // Four neighbors c are a texel. Those of the other half stand in reverse, and one place further on. Rows without another
  // side are their own: stores without branches take half the time.
  let x = i32(lane);
  // @unroll
  for (var r = 0; r < ROWS; r++) {
    let y = min(first_row + r, last);
    let opposite = select(params.height - y, 0, y == 0);
    // @unroll
    for (var d = 0; d < SIZE / (1 + HALF); d++) {
      let own_0 = u[r * SIZE + d];
      let own_1 = u[32 + r * SIZE + d];
      let own_2 = u[64 + r * SIZE + d];
      let own_3 = u[96 + r * SIZE + d];
      store_parts(x + 8 * d, y, layer, vec4f(own_0.x, own_1.x, own_2.x, own_3.x));
      store_parts(x + 8 * d, y, layer + params.layers, vec4f(own_0.y, own_1.y, own_2.y, own_3.y));
      let next = u[r * SIZE + (SIZE - d) * ((d + SIZE - 1) / SIZE)];
      let far_0 = subgroupShuffle(select(u[r * SIZE + SIZE - 1 - d], next, lane == 0u), (8u - lane) & 7u);
      let far_1 = subgroupShuffle(u[32 + r * SIZE + SIZE - 1 - d], 7u - lane);
      let far_2 = subgroupShuffle(u[64 + r * SIZE + SIZE - 1 - d], 7u - lane);
      let far_3 = subgroupShuffle(u[96 + r * SIZE + SIZE - 1 - d], 7u - lane);
      store_parts(x + 8 * d, opposite, layer, vec4f(far_0.x, far_3.x, far_2.x, far_1.x));
      store_parts(x + 8 * d, opposite, layer + params.layers, -vec4f(far_0.y, far_3.y, far_2.y, far_1.y));
    }
    // The column at half the width: four lanes have a part of it each, the others repeat them.
    if (HALF == 1) {
      let middle = subgroupShuffle(u[r * SIZE + SIZE / 2], 0u);
      let side = i32(lane) & 1;
      let is_far = (lane & 2u) != 0u;
      let imaginary = select(middle.y, -middle.y, is_far & (y != opposite));
      store_parts(
        8 * (SIZE / 2),
        select(y, opposite, is_far),
        layer + side * params.layers,
        vec4f(select(middle.x, imaginary, side == 1)),
      );
    }
  }
}
