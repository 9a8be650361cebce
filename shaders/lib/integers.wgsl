// Integers of fewer than 32 bits are whole words on the device: a result wraps as its type does.

// `shift` is 32 less the type's bits; `is_signed` tells whether the highest of them is the sign.
fn wrap(value: i32, shift: u32, is_signed: bool) -> i32 {
  let up = value << shift;
  return select(bitcast<i32>(bitcast<u32>(up) >> shift), up >> shift, is_signed);
}
