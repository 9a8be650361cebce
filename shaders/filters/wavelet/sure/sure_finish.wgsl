// The magnitude of least risk of each segment is its threshold; without noise there is none.

struct Params {
  strength: f32,
  segments: u32,
  channels: u32,
  sharing: u32,
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.segments) {
    return;
  }
  let first_block = load_segments(6u * id.x + 5u);
  let blocks = load_segments(6u * id.x + 3u);
  var risk = vec2f(3.4028234e38, 0.0);
  var magnitude = 0u;
  for (var i = first_block; i < first_block + blocks; i++) {
    let found = vec2f(bitcast<f32>(load_least(3u * i)), bitcast<f32>(load_least(3u * i + 1u)));
    let better = double_less(found, risk);
    risk = select(risk, found, better);
    magnitude = select(magnitude, load_least(3u * i + 2u), better);
  }
  let silent = params.strength * load_sigma(id.x % params.channels / params.sharing) == 0.0;
  store_thresholds(id.x, select(bitcast<f32>(magnitude), 0.0, silent));
}
