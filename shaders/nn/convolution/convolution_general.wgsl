// Convolution of any kernel, stride and dilation: PIXELS pixels and TEXELS texels of output channels per invocation.
// A transposed convolution is this page once for each remainder of the output position by the stride:
// an output of that remainder sees every stride-th tap, at neighboring inputs in the opposite order.
// A lib gives `weights_at`: by loads, or by lanes that hand weights round.

const WORKGROUP = 8; // @tune
const PIXELS = 8; // @tune
const TEXELS = 4; // @tune
// 1 where every output sees a single tap, which never lies outside the input.
const SINGLE = 0; // @tune

struct Params {
  // Width, height, depth, blocks of four channels.
  input: vec4i,
  output: vec4i,
  // Outputs of this dispatch along x, y and z, and in the whole batch.
  grid: vec4i,
  // An output of the grid lies at grid * out_step + out_offset and sees inputs from grid * in_step + in_offset.
  out_step: vec4i,
  out_offset: vec4i,
  in_step: vec4i,
  in_offset: vec4i,
  // Taps along each axis, the inputs' distance from tap to tap, and which taps of the kernel they are.
  taps: vec4i,
  tap_step: vec4i,
  kernel_step: vec4i,
  kernel_offset: vec4i,
  kernel: vec4i,
  // Output channels.
  channels: i32,
  // Workgroups that share their output channels.
  runs: u32,
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

  // Pixels beyond the end repeat the last one, blocks beyond the end the last block: they store the same values again.
  var blocks: array<i32, TEXELS>;
  // @unroll
  for (var t = 0; t < TEXELS; t++) {
    blocks[t] = min(first_block + t, params.output.w - 1);
  }
  var starts: array<vec3i, PIXELS>;
  var targets: array<vec3i, PIXELS>;
  var batches: array<i32, PIXELS>;
  // @unroll
  for (var p = 0; p < PIXELS; p++) {
    let index = min(i32((group % params.runs * PIXELS + u32(p)) * WORKGROUP + lane), params.grid.w - 1);
    let row = index / params.grid.x;
    let plane = row / params.grid.y;
    let n = plane / params.grid.z;
    let at = vec3i(index - row * params.grid.x, row - plane * params.grid.y, plane - n * params.grid.z);
    starts[p] = at * params.in_step.xyz + params.in_offset.xyz;
    batches[p] = n * params.input.x;
    let to = at * params.out_step.xyz + params.out_offset.xyz;
    targets[p] = vec3i(n * params.output.x + to.x, to.yz);
  }

  var sums: array<vec4f, PIXELS * TEXELS>;
  // Bounds that are known to be 1 let the compiler drop the loops around that of the channels.
  let counts = vec3i(loop_count(params.taps.x, lane), loop_count(params.taps.y, lane), loop_count(params.taps.z, lane));
  let taps = select(counts, vec3i(1), SINGLE == 1);
  let in_blocks = loop_count(params.input.w, lane);
  for (var kz = 0; kz < taps.z; kz++) {
    for (var ky = 0; ky < taps.y; ky++) {
      for (var kx = 0; kx < taps.x; kx++) {
        let tap = vec3i(kx, ky, kz);
        let k = tap * params.kernel_step.xyz + params.kernel_offset.xyz;
        let kernel_tap = (k.z * params.kernel.y + k.y) * params.kernel.x + k.x;
        var sources: array<vec3i, PIXELS>;
        var insides: array<bool, PIXELS>;
        // @unroll
        for (var p = 0; p < PIXELS; p++) {
          let at = starts[p] + tap * params.tap_step.xyz;
          insides[p] = (SINGLE == 1) | all((at >= vec3i(0)) & (at < params.input.xyz));
          sources[p] = clamp(at, vec3i(0), params.input.xyz - 1) + vec3i(batches[p], 0, 0);
        }
        // Two blocks of input channels per iteration. A block beyond the end is zero, as its weights are: infinity times zero
        // would be NaN.
        for (var c = 0; c < in_blocks; c += 2) {
          let second = c + 1 < params.input.w;
          let layers = vec2i(c, select(c, c + 1, second)) * params.input.z;
          let weights = weights_at(kernel_tap, c, first_block, lane);
          // @unroll
          for (var p = 0; p < PIXELS; p++) {
            let source = sources[p];
            let a = select(vec4f(), load_x(source.x, source.y, layers.x + source.z), insides[p]);
            let b = select(vec4f(), load_x(source.x, source.y, layers.y + source.z), insides[p] & second);
            // @unroll
            for (var t = 0; t < TEXELS; t++) {
              sums[p * TEXELS + t] += a.x * weights[t * 8] + a.y * weights[t * 8 + 1] + a.z * weights[t * 8 + 2]
                + a.w * weights[t * 8 + 3] + b.x * weights[t * 8 + 4] + b.y * weights[t * 8 + 5]
                + b.z * weights[t * 8 + 6] + b.w * weights[t * 8 + 7];
            }
          }
        }
      }
    }
  }

  // @unroll
  for (var t = 0; t < TEXELS; t++) {
    var bias = vec4f();
    if (HAS_BIAS == 1u) { bias = bias_at(blocks[t]); }
    // @unroll
    for (var p = 0; p < PIXELS; p++) {
      let to = targets[p];
      let layer = blocks[t] * params.output.z + to.z;
      var added = vec4f();
      if (HAS_ADDED == 1u) { added = load_added(to.x, to.y, layer); }
      let value = within_channels(epilogue_steps(sums[p * TEXELS + t] + bias, added), 4 * blocks[t], params.channels);
      store_y(to.x, to.y, layer, value);
    }
  }
}
