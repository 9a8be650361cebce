// A function of two whole numbers or booleans with broadcasting; comparisons give 0 or 1.

const WORKGROUP = 64; // @tune
override OP: u32 = 1u;
// All 32 bits are the number's, none its sign.
override UNSIGNED: u32 = 0u;

struct Params { rank: i32, axes: array<vec4i, 8>, shift: u32, is_signed: u32 }

fn power_of(a: i32, b: i32) -> i32 {
  var result = 1;
  var factor = a;
  for (var bit = 0u; bit < 31u; bit++) {
    result = select(result, result * factor, ((b >> bit) & 1) == 1);
    factor *= factor;
  }
  // 1 / a^|b|, cut toward zero.
  let inverse = select(0, select(1, a, (b & 1) == 1), (a == 1) | (a == -1));
  return select(result, inverse, b < 0);
}

// Not `%`, which some drivers compute wrongly of negative numbers.
fn remainder(a: i32, b: i32) -> i32 {
  return a - b * (a / b);
}

fn floor_remainder(a: i32, b: i32) -> i32 {
  let rest = remainder(a, b);
  return select(rest, rest + b, (rest != 0) & ((rest < 0) != (b < 0)));
}

fn signed_value(a: i32, b: i32) -> i32 {
  switch OP {
    case 1u: { return a + b; }
    case 2u: { return a - b; }
    case 3u: { return a * b; }
    case 4u: { return a / b; }
    case 5u: { return power_of(a, b); }
    case 6u: { return min(a, b); }
    case 7u: { return max(a, b); }
    case 8u: { return floor_remainder(a, b); }
    case 9u: { return remainder(a, b); }
    case 10u: { return select(a, a * b, a < 0); }
    case 20u: { return i32(a == b); }
    case 21u: { return i32(a < b); }
    case 22u: { return i32(a <= b); }
    case 23u: { return i32(a > b); }
    case 24u: { return i32(a >= b); }
    case 30u: { return a & b; }
    case 31u: { return a | b; }
    case 32u: { return a ^ b; }
    case 33u: { return select(a << u32(b), 0, b > 31); }
    case 34u: { return select(a >> u32(b), 0, b > 31); }
    default: { return a; }
  }
}

// Where the sign matters.
fn unsigned_value(a: u32, b: u32) -> u32 {
  switch OP {
    case 4u: { return a / b; }
    case 6u: { return min(a, b); }
    case 7u: { return max(a, b); }
    case 8u, 9u: { return a % b; }
    case 21u: { return u32(a < b); }
    case 22u: { return u32(a <= b); }
    case 23u: { return u32(a > b); }
    case 24u: { return u32(a >= b); }
    case 34u: { return select(a >> b, 0u, b > 31u); }
    default: { return bitcast<u32>(signed_value(bitcast<i32>(a), bitcast<i32>(b))); }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let offsets = offsets_of(i32(index));
  let a = load_a(u32(offsets.x));
  let b = load_b(u32(offsets.y));
  var value: i32;
  if (UNSIGNED == 1u) {
    value = bitcast<i32>(unsigned_value(bitcast<u32>(a), bitcast<u32>(b)));
  } else {
    value = signed_value(a, b);
  }
  store_y(index, wrap(value, params.shift, params.is_signed == 1u));
}
