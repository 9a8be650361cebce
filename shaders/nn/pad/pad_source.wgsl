// Where a position that may lie outside the input has its element. MODE: 0 constant, 1 reflect, 2 edge, 3 wrap.

override MODE: u32 = 0u;

fn modulo(a: i32, b: i32) -> i32 {
  let rest = a - b * (a / b);
  return select(rest, rest + b, rest < 0);
}

// The input's position for a position that may lie outside.
fn source(i: i32, size: i32) -> i32 {
  switch MODE {
    case 1u: {
      let folded = modulo(i, max(2 * size - 2, 1));
      return min(folded, 2 * size - 2 - folded);
    }
    case 3u: { return modulo(i, size); }
    default: { return clamp(i, 0, size - 1); }
  }
}
