// Bounds of loops that come from params. Mesa's lavapipe specializes a shader for the uniforms that its loops depend on
// and then compiles it anew at each dispatch: 7 ms from its disk cache, 600 ms without, for a convolution. What depends
// on the invocation is left alone.

// `count`, in a form that no compiler knows to be uniform; `lane` is any number that differs between invocations.
fn loop_count(count: i32, lane: u32) -> i32 {
  return min(count, count + i32(lane & 1u));
}

fn loop_count_u(count: u32, lane: u32) -> u32 {
  return min(count, count + (lane & 1u));
}
