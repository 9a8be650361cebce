// Softmax of the channels of each pixel, on texels of four channels.

override LOG: u32 = 0u;

struct Params { channels: i32, blocks: i32, depth: i32 }

fn exp4(x: vec4f) -> vec4f {
  return vec4f(exp_of(x.x), exp_of(x.y), exp_of(x.z), exp_of(x.w));
}

// Lanes beyond the last channel get a number whose exponential is 0.
fn channels_of(x: vec4f, block: i32) -> vec4f {
  return select(vec4f(-3.4e38), x, block * 4 + vec4i(0, 1, 2, 3) < vec4i(params.channels));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at.xy >= size_y().xy)) { return; }
  let blocks = loop_count(params.blocks, id.x);
  var greatest4 = vec4f(-3.4e38);
  for (var block = 0; block < blocks; block++) {
    greatest4 = max(greatest4, channels_of(load_x(at.x, at.y, block * params.depth + at.z), block));
  }
  let greatest = max(max(greatest4.x, greatest4.y), max(greatest4.z, greatest4.w));
  var sum4 = vec4f();
  for (var block = 0; block < blocks; block++) {
    sum4 += exp4(channels_of(load_x(at.x, at.y, block * params.depth + at.z), block) - greatest);
  }
  let sum = (sum4.x + sum4.y) + (sum4.z + sum4.w);
  let factor = 1.0 / sum;
  let shift = log_of(sum);
  for (var block = 0; block < blocks; block++) {
    let layer = block * params.depth + at.z;
    let x = load_x(at.x, at.y, layer) - greatest;
    let value = select(exp4(channels_of(x, block)) * factor, x - shift, LOG == 1u);
    // Lanes beyond the last channel stay finite.
    let lanes = block * 4 + vec4i(0, 1, 2, 3);
    store_y(at.x, at.y, layer, select(vec4f(), value, lanes < vec4i(params.channels)));
  }
}
