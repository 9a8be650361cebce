// Convolution of any kernel, stride and dilation: PIXELS pixels and TEXELS texels of output channels per invocation.
// A transposed convolution falls into parts, one for each remainder of the output position by the stride:
// an output of that remainder sees every stride-th tap, at neighboring inputs in the opposite order.
// Libs give `weights_at`, by loads or by lanes that hand weights round, and `load_source`.

const WORKGROUP = 8; // @tune
const PIXELS = 8; // @tune
const TEXELS = 4; // @tune
// 1 where every output sees a single tap, which never lies outside the input.
const SINGLE = 0; // @tune
const TRANSPOSED = 0; // @tune

struct Params {
  // Width, height, depth, blocks of four channels.
  input: vec4i,
  output: vec4i,
  // Outputs of the greatest part along x, y and z, and in the whole batch.
  grid: vec4i,
  // Parts along x, y and z, and workgroups of each.
  parts: vec4i,
  // An output of a part lies at grid * out_step + the part's position and sees inputs from grid * in_step + in_offset.
  out_step: vec4i,
  in_step: vec4i,
  in_offset: vec4i,
  // Taps of the kernel, the inputs' distance from tap to tap, and which taps of the kernel they are. Transposed, in_offset
  // and kernel_offset are padding in strides and what is left of it.
  kernel: vec4i,
  tap_step: vec4i,
  kernel_step: vec4i,
  kernel_offset: vec4i,
  in_channels: i32,
  // Output channels.
  channels: i32,
  // Workgroups that share their output channels.
  runs: i32,
  // Of maps that are joined on the way, which are of one image then.
  joined: vec4i,
}

// Ends a sum and stores it. It is called where loops are expanded: naga then translates it once, not for every pixel.
fn store_result(to: vec3i, block: i32, sum: vec4f) {
  let layer = block * params.output.z + to.z;
  var added = vec4f();
  if (HAS_ADDED == 1u) {
    added = load_added(to.x, to.y, layer);
  }
  store_y(to.x, to.y, layer, within_channels(epilogue_steps(sum, added), 4 * block, params.channels));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Parts of the same outputs follow each other, so that what one leaves between its outputs is filled while it is in the cache.
  let flat = flat_group(workgroup_id, num_workgroups);
  let count_of_parts = u32(params.parts.x * params.parts.y * params.parts.z);
  let group = i32(flat / count_of_parts);
  if (group >= params.parts.w) { return; }
  let index_of_part = i32(flat) - group * i32(count_of_parts);
  let blocks_before = group / params.runs;
  let first_block = blocks_before * TEXELS;
  let run = group - blocks_before * params.runs;

  var part = vec3i();
  var last = params.grid.xyz - 1;
  var in_offset = params.in_offset.xyz;
  var reached = params.kernel.xyz;
  var kernel_offset = vec3i();
  if (TRANSPOSED == 1) {
    let row_of_part = index_of_part / params.parts.x;
    let plane_of_part = row_of_part / params.parts.y;
    part = vec3i(
      index_of_part - row_of_part * params.parts.x,
      row_of_part - plane_of_part * params.parts.y,
      plane_of_part,
    );
    last = (params.output.xyz - 1 - part) / params.out_step.xyz;
    let shifted = part + params.kernel_offset.xyz;
    let strides = shifted / params.out_step.xyz;
    in_offset += strides;
    kernel_offset = shifted - strides * params.out_step.xyz;
    reached = (params.kernel.xyz - kernel_offset + params.out_step.xyz - 1) / params.out_step.xyz;
  }

  let grid = vec4u(params.grid);
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
    let index = min(u32((run * PIXELS + p) * WORKGROUP) + lane, grid.w - 1u);
    let row = index / grid.x;
    let plane = row / grid.y;
    let n = i32(plane / grid.z);
    let at = min(vec3i(vec3u(index - row * grid.x, row - plane * grid.y, plane - u32(n) * grid.z)), last);
    starts[p] = at * params.in_step.xyz + in_offset;
    batches[p] = n * params.input.x;
    let to = at * params.out_step.xyz + part;
    targets[p] = vec3i(n * params.output.x + to.x, to.yz);
  }

  var sums: array<vec4f, PIXELS * TEXELS>;
  // Bounds that are known to be 1 let the compiler drop the loops around that of the channels.
  let counts = vec3i(loop_count(reached.x, lane), loop_count(reached.y, lane), loop_count(reached.z, lane));
  let taps = select(counts, vec3i(1), SINGLE == 1);
  let in_blocks = loop_count(params.input.w, lane);
  let input = params.input;
  let kernel = params.kernel;
  let tap_step = params.tap_step.xyz;
  let kernel_step = params.kernel_step.xyz;
  for (var kz = 0; kz < taps.z; kz++) {
    for (var ky = 0; ky < taps.y; ky++) {
      for (var kx = 0; kx < taps.x; kx++) {
        let tap = vec3i(kx, ky, kz);
        let k = tap * kernel_step + kernel_offset;
        let kernel_tap = (k.z * kernel.y + k.y) * kernel.x + k.x;
        var sources: array<vec3i, PIXELS>;
        var insides: array<bool, PIXELS>;
        // @unroll
        for (var p = 0; p < PIXELS; p++) {
          let at = starts[p] + tap * tap_step;
          insides[p] = (SINGLE == 1) | all((at >= vec3i(0)) & (at < input.xyz));
          sources[p] = clamp(at, vec3i(0), input.xyz - 1) + vec3i(batches[p], 0, 0);
        }
        // Two blocks of input channels per iteration. A block beyond the end is zero, as its weights are: infinity times zero
        // would be NaN.
        for (var c = 0; c < in_blocks; c += 2) {
          let second = c + 1 < input.w;
          let block = source_of(0, c);
          let next_block = source_of(0, select(c, c + 1, second));
          let weights = weights_at(kernel_tap, c, first_block, lane);
          // @unroll
          for (var p = 0; p < PIXELS; p++) {
            let source = sources[p];
            let a = select(vec4f(), load_source(block, source), insides[p]);
            let b = select(vec4f(), load_source(next_block, source), insides[p] & second);
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
      store_result(targets[p], blocks[t], sums[p * TEXELS + t] + bias);
    }
  }
}
