// Greatest elements as integers in the order of floats, NaN above all of them: compared as floats NaN would get lost.

const lowest_key = -2147483647 - 1;

fn key_of(value: vec4f) -> vec4i {
  let magnitude = bitcast<vec4i>(value) & vec4i(0x7fffffff);
  return select(order_key(value), magnitude, magnitude > vec4i(0x7f800000));
}

// The lowest float where there is no element.
fn greatest_of(key: vec4i) -> vec4f {
  return select(vec4f(-3.4028234663852886e38), order_value(key), key > vec4i(lowest_key));
}
