// Integers in the order of floats: comparing them needs no care for NaN, which makes min and max cheaper on llvmpipe.

fn order_key(value: vec4f) -> vec4i {
  let bits = bitcast<vec4i>(value);
  return bits ^ ((bits >> vec4u(31u)) & vec4i(0x7fffffff));
}

fn order_value(key: vec4i) -> vec4f {
  return bitcast<vec4f>(key ^ ((key >> vec4u(31u)) & vec4i(0x7fffffff)));
}
