// What a convolution sees of one map or of two side by side, each of which may be doubled along its axes, or normalized and
// activated. It needs `functions` and `epilogue` of `lib/`, and params `input` and `joined`: blocks of the first map, how often
// either is doubled, and which are normalized (1, 2 or both). `at` is a column of all images, a row and a slice of the doubled.

// 1 where there are two maps.
const TWO = 0; // @tune
// 1 where a map is normalized.
const NORMALIZES = 0; // @tune
override ACTIVATION: u32 = 0u;
override ACTIVATION_A: f32 = 0.0;

struct Source {
  is_second: bool,
  is_normalized: bool,
  layers: vec2i,
  mean: vec4f,
  factor: vec4f,
  bias: vec4f,
}

fn activated(v: vec4f) -> vec4f {
  switch ACTIVATION {
    case 1u: { return epilogue_relu(v); }
    case 2u: { return epilogue_leaky_relu(v, ACTIVATION_A); }
    case 5u: { return v * epilogue_sigmoid(v); }
    default: { return v; }
  }
}

fn source_of(n: i32, block: i32) -> Source {
  var source: Source;
  source.is_second = (TWO == 1) & (block >= params.joined.x);
  let own = select(block, block - params.joined.x, source.is_second);
  let depths = max(vec2i(params.input.z) >> vec2u(params.joined.yz), vec2i(1));
  source.layers = own * depths * select(vec2i(1, 0), vec2i(0, 1), source.is_second);
  // A map by itself that may be normalized is.
  source.is_normalized = (NORMALIZES > TWO) | ((params.joined.w & select(1, 2, source.is_second)) != 0);
  if (NORMALIZES == 1) {
    let first = min(own, size_moments().x - 1);
    source.mean = load_moments(first, 0, n);
    source.factor = load_moments(first, 1, n);
    source.bias = load_moments(first, 2, n);
  }
  if (NORMALIZES + TWO == 2) {
    let second = min(own, size_second_moments().x - 1);
    source.mean = select(source.mean, load_second_moments(second, 0, n), source.is_second);
    source.factor = select(source.factor, load_second_moments(second, 1, n), source.is_second);
    source.bias = select(source.bias, load_second_moments(second, 2, n), source.is_second);
  }
  // Lanes beyond the last channel are undefined.
  let is_there = vec4i(4 * block) + vec4i(0, 1, 2, 3) < vec4i(params.in_channels);
  source.mean = select(vec4f(), source.mean, is_there);
  source.factor = select(vec4f(), source.factor, is_there);
  source.bias = select(vec4f(), source.bias, is_there);
  return source;
}

fn load_source(source: Source, at: vec3i) -> vec4f {
  var value = load_x(at.x >> u32(params.joined.y), at.y >> u32(params.joined.y), source.layers.x + (at.z >> u32(params.joined.y)));
  if (TWO == 1) {
    let second = load_second(
      at.x >> u32(params.joined.z), at.y >> u32(params.joined.z), source.layers.y + (at.z >> u32(params.joined.z))
    );
    value = select(value, second, source.is_second);
  }
  if (NORMALIZES == 1) {
    let normalized = activated((value - source.mean) * source.factor + source.bias);
    value = select(value, normalized, source.is_normalized);
  }
  return value;
}
