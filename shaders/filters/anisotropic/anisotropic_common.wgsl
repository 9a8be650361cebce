// What both equations have in common. A page needs the binding `level` and the params `factor` (what times the level is
// kappa) and `depth` (layers of a channel).

// Whether pixels have neighbors along z as well.
override VOLUME: bool = false;
// The conductance is 1 / (1 + s^2), else exp(-s^2).
override RATIONAL: bool = false;
// Whether a channel may have stopped.
override STOPS: bool = false;

fn kappa_of(channel: i32) -> f32 {
  return max(params.factor * load_level(u32(channel)), 1e-15);
}

// The conductance for s^2, or for s^2 / ln 2 where it is an exponential.
fn conductance_of(square: vec4f) -> vec4f {
  return select(exp2(max(-square, vec4f(-150.0))), 1.0 / (1.0 + square), RATIONAL);
}

// The layers before and behind a pixel's own; at the border that is its own neighbor.
fn layers_beside(layer: i32) -> vec2i {
  let z = layer - layer / params.depth * params.depth;
  return vec2i(layer - select(0, 1, z > 0), layer + select(0, 1, z + 1 < params.depth));
}
