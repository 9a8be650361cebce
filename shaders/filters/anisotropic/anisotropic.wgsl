// One step of Perona and Malik's diffusion: what flows between neighbors is their difference times a conductance that
// falls with it. Nothing flows across the border. An invocation makes a texel of ROWS rows; what flows between two of its
// pixels is computed once.

// Rows per invocation; the flow across the left side of its texels is one vector.
const ROWS = 4;
const SPAN = ROWS + 2;

struct Params {
  // Along x, y, z: time step over the squared spacing; one over the spacing.
  rates: vec4f,
  scales: vec4f,
  // What times the level is kappa.
  factor: f32,
  // Pixels of a row: the lanes of the last texel beyond it are undefined.
  width: i32,
  depth: i32,
  shift: u32,
}

fn flow(difference: vec4f, slope: f32) -> vec4f {
  let s = slope * difference;
  return difference * conductance_of(s * s);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_image();
  let x = place.x;
  let y = ROWS * place.y;
  if ((x >= size.x) | (y >= size.y)) {
    return;
  }
  let layer = slab_begin() + i32(group.z);
  let channel = layer / params.depth;
  var state = 2u;
  if (STOPS) {
    state = load_state(u32(channel));
    if (state == 0u) {
      return;
    }
  }
  let kappa = kappa_of(channel);
  // exp(-s^2) is exp2(-s^2 / ln 2): the root of that.
  let slopes = select(1.20112241, 1.0, RATIONAL) / kappa * params.scales;
  let beside_z = layers_beside(layer);

  var texels: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    texels[i] = load_image(x, clamp(y + i - 1, 0, size.y - 1), layer);
  }
  var down: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < ROWS + 1; i++) {
    down[i] = flow(texels[i + 1] - texels[i], slopes.y);
  }
  var left: vec4f;
  // @unroll
  for (var o = 0; o < ROWS; o++) {
    let beside = load_image(max(x - 1, 0), min(y + o, size.y - 1), layer).w;
    left[o] = select(0.0, texels[o + 1].x - beside, x > 0);
  }
  left = flow(left, slopes.x);
  let inside = vec4i(4 * x) + vec4i(1, 2, 3, 4) < vec4i(params.width);
  // @unroll
  for (var o = 0; o < ROWS; o++) {
    let row = min(y + o, size.y - 1);
    let texel = texels[o + 1];
    let next = load_image(min(x + 1, size.x - 1), row, layer).x;
    let right = flow(select(vec4f(0.0), vec4f(texel.yzw, next) - texel, inside), slopes.x);
    var change = params.rates.x * (right - vec4f(left[o], right.xyz)) + params.rates.y * (down[o + 1] - down[o]);
    if (VOLUME) {
      let away = flow(load_image(x, row, beside_z.y) - texel, slopes.z);
      change += params.rates.z * (away - flow(texel - load_image(x, row, beside_z.x), slopes.z));
    }
    if (y + o < size.y) {
      store_result(x, y + o, layer, select(texel, texel + change, state == 2u));
    }
  }
}
