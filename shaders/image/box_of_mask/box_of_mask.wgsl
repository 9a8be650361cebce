// Second level: one box of the 64 partial ones, grown about its center.

struct Params {
  margin: f32,
  min_side: f32,
  square: u32,
  // width and height of a pixel, the smaller one 1
  pixel: vec2f,
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  let at = 4u * lane;
  let part = vec4f(load_extents(at), load_extents(at + 1u), load_extents(at + 2u), load_extents(at + 3u));
  let reach = workgroup_max(lane, part);
  let low = -reach.xy;
  let high = reach.zw;
  let sides = high - low;
  let lengths = sides * params.pixel;
  let wanted = select(lengths, vec2f(max(lengths.x, lengths.y)), params.square == 1u);
  let half = 0.5 * max(params.margin * wanted, vec2f(params.min_side)) / params.pixel;
  let center = 0.5 * (low + high);
  let box = select(vec4f(0.0), vec4f(center - half, center + half), high.x > 0.0);
  if (lane < 4u) {
    store_output(lane, box[lane]);
  }
}
