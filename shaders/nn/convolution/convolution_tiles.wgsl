// Convolution of few products a texel: PX x PY pixels of TEXELS texels of output channels an invocation, the taps of ROWS rows
// expanded. Of 3x3 kernels, of first layers, whose texels have fewer than four channels, and of channels each by itself.

const WORKGROUP = 8; // @tune
const PX = 4; // @tune
const PY = 4; // @tune
const TEXELS = 1; // @tune
// Channels of a texel of the input that are used.
const LANES = 4; // @tune
// 1 where each channel is a group of its own: a texel times a texel of weights.
const DEPTHWISE = 0; // @tune
// Taps along x, and rows of taps a step.
const TAPS = 3; // @tune
const ROWS = 3; // @tune
// Along x and y.
const STRIDE = 1; // @tune
// 1 where there is one step only: a loop of a single step would still cost a third of the time on llvmpipe.
const ONE_STEP = 0; // @tune
const WIDTH = (PX - 1) * STRIDE + TAPS;
const HEIGHT = (PY - 1) * STRIDE + ROWS;
const PIXELS = PX * PY;

struct Params {
  // Width, height, depth, blocks of four channels.
  input: vec4i,
  output: vec4i,
  pads: vec4i,
  // Along x and y, and how many there are in the whole batch.
  tiles: vec4u,
  // Turns of a layer of taps, of a block of input channels and of all blocks.
  steps_y: i32,
  steps_block: i32,
  steps: i32,
  stride_z: i32,
  // Output channels.
  channels: i32,
  // Workgroups that share their output channels.
  runs: u32,
}

// Where an invocation's pixels come from.
struct Source {
  first_block: i32,
  // Its first output; y in rows of the input, before the padding.
  y: i32,
  z: i32,
  columns: array<i32, WIDTH>,
  inside_x: array<bool, WIDTH>,
}

// Adds the products of one step to the sums.
fn add_step(step: i32, source: ptr<function, Source>, sums: ptr<function, array<vec4f, PIXELS * TEXELS>>) {
  let c = step / params.steps_block;
  let part = step - c * params.steps_block;
  let kz = part / params.steps_y;
  let z = (*source).z + kz;
  let inside_z = (z >= 0) & (z < params.input.z);
  let block = select(c, (*source).first_block, DEPTHWISE == 1);
  let layer = block * params.input.z + clamp(z, 0, params.input.z - 1);
  let row = (*source).y + (part - kz * params.steps_y) * ROWS;
  var pixels: array<vec4f, WIDTH * HEIGHT>;
  // @unroll
  for (var y = 0; y < HEIGHT; y++) {
    let at = clamp(row + y, 0, params.input.y - 1);
    let inside = inside_z & (row + y >= 0) & (row + y < params.input.y);
    // @unroll
    for (var x = 0; x < WIDTH; x++) {
      pixels[y * WIDTH + x] = select(vec4f(), load_x((*source).columns[x], at, layer), inside & (*source).inside_x[x]);
    }
  }
  // @unroll
  for (var k = 0; k < ROWS * TAPS; k++) {
    // @unroll
    for (var t = 0; t < TEXELS; t++) {
      var weights: array<vec4f, LANES>;
      // @unroll
      for (var j = 0; j < LANES; j++) {
        let output = min((*source).first_block + t, params.output.w - 1);
        weights[j] = load_weight((part * ROWS * TAPS + k) * 4 + j, c, output);
      }
      // @unroll
      for (var i = 0; i < PIXELS; i++) {
        let pixel = pixels[(i / PX * STRIDE + k / TAPS) * WIDTH + i % PX * STRIDE + k % TAPS];
        var sum = select(vec4f(pixel.x), pixel, DEPTHWISE == 1) * weights[0];
        // @unroll
        for (var j = 1; j < LANES; j++) {
          sum += pixel[j] * weights[j];
        }
        (*sums)[t * PIXELS + i] += sum;
      }
    }
  }
}

// Ends a sum and stores it. It is called where loops are expanded: naga then translates it once, not for every pixel.
fn store_result(x: i32, y: i32, layer: i32, block: i32, sum: vec4f) {
  var added = vec4f();
  if (HAS_ADDED == 1u) {
    added = load_added(x, y, layer);
  }
  store_y(x, y, layer, within_channels(epilogue_steps(sum, added), 4 * block, params.channels));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = flat_group(workgroup_id, num_workgroups);
  let first_block = i32(group / params.runs * TEXELS);
  if (first_block >= params.output.w) { return; }
  let tile = min(group % params.runs * WORKGROUP + lane, params.tiles.z - 1u);
  let across = tile / params.tiles.x;
  let plane = i32(across / params.tiles.y);
  let n = plane / params.output.z;
  let x0 = i32(tile - across * params.tiles.x) * PX;
  let y0 = (i32(across) - plane * i32(params.tiles.y)) * PY;
  let z0 = plane - n * params.output.z;

  var source: Source;
  source.first_block = first_block;
  source.y = y0 * STRIDE - params.pads.y;
  source.z = z0 * params.stride_z - params.pads.z;
  // @unroll
  for (var i = 0; i < WIDTH; i++) {
    let x = x0 * STRIDE + i - params.pads.x;
    source.inside_x[i] = (x >= 0) & (x < params.input.x);
    source.columns[i] = clamp(x, 0, params.input.x - 1) + n * params.input.x;
  }
  var sums: array<vec4f, PIXELS * TEXELS>;
  // @unroll
  for (var once = 0; once < ONE_STEP; once++) {
    add_step(0, &source, &sums);
  }
  // @unroll
  for (var once = ONE_STEP; once < 1; once++) {
    let count = loop_count(params.steps, lane);
    for (var step = 0; step < count; step++) {
      add_step(step, &source, &sums);
    }
  }

  // @unroll
  for (var t = 0; t < TEXELS; t++) {
    // Blocks beyond the end repeat the last one: they store the same values again.
    let block = min(first_block + t, params.output.w - 1);
    var bias = vec4f();
    if (HAS_BIAS == 1u) { bias = bias_at(block); }
    let layer = block * params.output.z + z0;
    // @unroll
    for (var i = 0; i < PIXELS; i++) {
      let x = x0 + i % PX;
      let y = y0 + i / PX;
      if ((x < params.output.x) & (y < params.output.y)) {
        store_result(n * params.output.x + x, y, layer, block, sums[t * PIXELS + i] + bias);
      }
    }
  }
}
