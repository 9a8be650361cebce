// Magnitudes of a band. A page needs the binding `band` (rows4) and the param `width` (pixels of a row).

// What doesn't count lies above all magnitudes.
const NOTHING = 0xffffffffu;

// Magnitudes as whole numbers of the same order; zeros don't count, nor lanes beyond the row's end.
fn keys_at(x: i32, y: i32, layer: i32) -> vec4u {
  let keys = bitcast<vec4u>(load_band(x, y, layer)) & vec4u(0x7fffffffu);
  let counts = (vec4i(4 * x) + vec4i(0, 1, 2, 3) < vec4i(params.width)) & (keys != vec4u(0u));
  return select(vec4u(NOTHING), keys, counts);
}
