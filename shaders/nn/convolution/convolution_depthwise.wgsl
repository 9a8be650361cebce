// Convolution of each channel with a kernel of its own: four pixels of one texel per invocation.

const WORKGROUP = 8; // @tune
const PIXELS = 4; // @tune

struct Params {
  // Width, height, depth, blocks of four channels.
  input: vec4i,
  output: vec4i,
  strides: vec4i,
  pads: vec4i,
  dilations: vec4i,
  taps: vec4i,
  // Outputs of one block in the whole batch.
  pixels: i32,
  // Output channels.
  channels: i32,
  // Workgroups that share their channels.
  runs: u32,
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = flat_group(workgroup_id, num_workgroups);
  let block = i32(group / params.runs);
  if (block >= params.output.w) { return; }

  // Pixels beyond the end repeat the last one.
  var starts: array<vec3i, PIXELS>;
  var targets: array<vec3i, PIXELS>;
  var batches: array<i32, PIXELS>;
  // @unroll
  for (var p = 0; p < PIXELS; p++) {
    let index = min(i32((group % params.runs * PIXELS + u32(p)) * WORKGROUP + lane), params.pixels - 1);
    let row = index / params.output.x;
    let plane = row / params.output.y;
    let n = plane / params.output.z;
    let at = vec3i(index - row * params.output.x, row - plane * params.output.y, plane - n * params.output.z);
    starts[p] = at * params.strides.xyz - params.pads.xyz;
    batches[p] = n * params.input.x;
    targets[p] = vec3i(n * params.output.x + at.x, at.yz);
  }

  var sums: array<vec4f, PIXELS>;
  let taps = vec3i(loop_count(params.taps.x, lane), loop_count(params.taps.y, lane), loop_count(params.taps.z, lane));
  for (var kz = 0; kz < taps.z; kz++) {
    for (var ky = 0; ky < taps.y; ky++) {
      for (var kx = 0; kx < taps.x; kx++) {
        let weight = load_weight(((kz * params.taps.y + ky) * params.taps.x + kx) * 4, 0, block);
        // @unroll
        for (var p = 0; p < PIXELS; p++) {
          let at = starts[p] + vec3i(kx, ky, kz) * params.dilations.xyz;
          let source = clamp(at, vec3i(0), params.input.xyz - 1);
          let value = load_x(batches[p] + source.x, source.y, block * params.input.z + source.z);
          sums[p] += select(vec4f(), value, all((at >= vec3i(0)) & (at < params.input.xyz))) * weight;
        }
      }
    }
  }

  var bias = vec4f();
  if (HAS_BIAS == 1u) { bias = bias_at(block); }
  // @unroll
  for (var p = 0; p < PIXELS; p++) {
    let to = targets[p];
    let layer = block * params.output.z + to.z;
    var added = vec4f();
    if (HAS_ADDED == 1u) { added = load_added(to.x, to.y, layer); }
    let value = within_channels(epilogue_steps(sums[p] + bias, added), 4 * block, params.channels);
    store_y(to.x, to.y, layer, value);
  }
}
