// An image from its windows: each pixel is the sum over all windows that reach it.

const WORKGROUP = 64; // @tune

// Width, height, depth of image and window; and how many windows there are along each axis.
struct Params { size: vec4i, window: vec4i, windows: vec4i, strides: vec4i, dilations: vec4i, pads: vec4i }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let size = params.size.xyz;
  let row = i32(index) / size.x;
  let slice = row / size.y;
  let channel = slice / size.z;
  let at = vec3i(i32(index) - row * size.x, row - slice * size.y, slice - channel * size.z) + params.pads.xyz;
  let window = vec3i(loop_count(params.window.x, lane), loop_count(params.window.y, lane), loop_count(params.window.z, lane));
  var sum = 0.0;
  for (var z = 0; z < window.z; z++) {
    for (var y = 0; y < window.y; y++) {
      for (var x = 0; x < window.x; x++) {
        // Where the window begins of which this pixel is the position (x, y, z).
        let begin = at - vec3i(x, y, z) * params.dilations.xyz;
        let number = max(begin, vec3i(0)) / params.strides.xyz;
        let reaches = all((begin == number * params.strides.xyz) & (number < params.windows.xyz));
        let near = min(number, params.windows.xyz - 1);
        let tap = ((channel * params.window.z + z) * params.window.y + y) * params.window.x + x;
        let place = ((tap * params.windows.z + near.z) * params.windows.y + near.y) * params.windows.x + near.x;
        sum = select(sum, sum + load_x(u32(place)), reaches);
      }
    }
  }
  store_y(index, sum);
}
