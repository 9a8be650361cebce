// Convolution and transposed convolution as their definitions have them, one output per invocation: for groups.
// Long sums are split over several dispatches, each of which continues from what the one before it stored.

const WORKGROUP = 64; // @tune
override TRANSPOSED: u32 = 0u;
// 1 where a dispatch before this one has stored a part of the sum; 1 where this one completes it.
override CONTINUES: u32 = 0u;
override COMPLETES: u32 = 1u;

struct Params {
  // Width, height, depth, channels.
  input: vec4i,
  output: vec4i,
  strides: vec4i,
  pads: vec4i,
  dilations: vec4i,
  taps: vec4i,
  // Input and output channels of one group.
  in_channels: i32,
  out_channels: i32,
  // Distance between neighboring channels of the weights.
  in_stride: i32,
  out_stride: i32,
  group_stride: i32,
  // Input channels of this dispatch.
  begin: i32,
  end: i32,
}

// Where a tap of an output lies in the input, and whether there is an input there.
fn source_of(at: vec3i, k: vec3i) -> vec3i {
  let taken = at * params.strides.xyz - params.pads.xyz + k * params.dilations.xyz;
  let given = at + params.pads.xyz - k * params.dilations.xyz;
  // A position that isn't a multiple of the stride has no input: -1.
  let multiple = given / params.strides.xyz;
  let exact = (given >= vec3i(0)) & (multiple * params.strides.xyz == given);
  return select(taken, select(vec3i(-1), multiple, exact), TRANSPOSED == 1u);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let row = i32(index) / params.output.x;
  let plane = row / params.output.y;
  let map = plane / params.output.z;
  let n = map / params.output.w;
  let channel = map - n * params.output.w;
  let at = vec3i(i32(index) - row * params.output.x, row - plane * params.output.y, plane - map * params.output.z);
  let group = channel / params.out_channels;
  let first_input = n * params.input.w + group * params.in_channels;
  let first_weight = group * params.group_stride + (channel - group * params.out_channels) * params.out_stride;

  let taps = vec3i(loop_count(params.taps.x, lane), loop_count(params.taps.y, lane), loop_count(params.taps.z, lane));
  let end = loop_count(params.end, lane);
  var sum = 0.0;
  if (CONTINUES == 1u) { sum = load_y(index); }
  for (var c = params.begin; c < end; c++) {
    var part = 0.0;
    for (var kz = 0; kz < taps.z; kz++) {
      for (var ky = 0; ky < taps.y; ky++) {
        for (var kx = 0; kx < taps.x; kx++) {
          let source = source_of(at, vec3i(kx, ky, kz));
          let inside = all((source >= vec3i(0)) & (source < params.input.xyz));
          let p = clamp(source, vec3i(0), params.input.xyz - 1);
          let place = (((first_input + c) * params.input.z + p.z) * params.input.y + p.y) * params.input.x + p.x;
          let x = select(0.0, load_x(u32(place)), inside);
          let tap = (kz * params.taps.y + ky) * params.taps.x + kx;
          let weight = load_weight(u32(first_weight + c * params.in_stride + tap));
          // A convolution multiplies the zeros outside by its weights; a transposed one has nothing there.
          part += select(x * weight, 0.0, (TRANSPOSED == 1u) & !inside);
        }
      }
    }
    sum += part;
  }
  if (COMPLETES == 1u) {
    if (HAS_BIAS == 1u) { sum += load_bias(u32(channel)); }
    var added = 0.0;
    if (HAS_ADDED == 1u) { added = load_added(index); }
    sum = epilogue_steps_1(sum, added);
  }
  store_y(index, sum);
}
