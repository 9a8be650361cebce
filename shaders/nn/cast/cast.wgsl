// Words of one type to words of another. FROM: 0 float, 1 signed, 2 unsigned.
// TO: 0 f32, 1 f16 (held as f32), 2 signed, 3 unsigned, 4 bool.

const WORKGROUP = 64; // @tune
override FROM: u32 = 0u;
override TO: u32 = 0u;

struct Params { shift: u32, is_signed: u32 }

// To the nearest f16, ties to even, by bits; beyond 65,504 infinite, below 2^-14 a multiple of 2^-24.
fn nearest_f16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let magnitude = bits & 0x7fffffffu;
  let rounded = (magnitude + 0xfffu + ((magnitude >> 13u) & 1u)) & 0xffffe000u;
  let limited = select(select(rounded, 0x7f800000u, rounded > 0x477fe000u), magnitude, magnitude >= 0x7f800000u);
  let small = bitcast<u32>(round(bitcast<f32>(magnitude) * 16777216.0) / 16777216.0);
  return bitcast<f32>(select(limited, small, magnitude < 0x38800000u) | (bits & 0x80000000u));
}

fn float_of(word: u32) -> f32 {
  switch FROM {
    case 1u: { return f32(bitcast<i32>(word)); }
    case 2u: { return f32(word); }
    default: { return bitcast<f32>(word); }
  }
}

fn cast_word(word: u32) -> u32 {
  switch TO {
    case 0u: { return bitcast<u32>(float_of(word)); }
    case 1u: { return bitcast<u32>(nearest_f16(float_of(word))); }
    case 4u: { return u32(select(word, word & 0x7fffffffu, FROM == 0u) != 0u); }
    default: {
      // Floats saturate at the ends of 32 bits; negative ones become unsigned as their two's complement.
      let x = bitcast<f32>(word);
      let high = select(bitcast<u32>(i32(x)), u32(max(x, 0.0)), (TO == 3u) & (x >= 2147483648.0));
      let integer = select(word, high, FROM == 0u);
      return bitcast<u32>(wrap(bitcast<i32>(integer), params.shift, params.is_signed == 1u));
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index < length_y()) { store_y(index, cast_word(load_x(index))); }
}
