// Squared differences of two images at masked pixels, first level: an invocation adds up a column of ROWS masked pixels, a
// workgroup those of its 64 invocations.

// Masked rows per invocation.
const ROWS = 16; // @tune

struct Params {
  // The first masked pixel, the distance to the next, and how many there are along x, y and z.
  first: vec3i,
  depth: i32,
  step: vec3i,
  shift: u32,
  count: vec3i,
}

fn is_multiple(number: i32, step: i32) -> bool {
  return number / step * step == number;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = tile_place(group, lane, params.shift);
  let layer = slab_begin() + i32(group.z);
  let z = layer - layer / params.depth * params.depth;
  let masked_z = (z >= params.first.z) & (is_multiple(z - params.first.z, params.step.z));
  let x = params.first.x + params.step.x * min(place.x, params.count.x - 1);
  let column = x / 4;
  let component = x & 3;
  let counts = masked_z & (place.x < params.count.x);
  var sum = 0.0;
  // @unroll
  for (var i = 0; i < ROWS; i++) {
    let row = ROWS * place.y + i;
    let y = params.first.y + params.step.y * min(row, params.count.y - 1);
    let error = load_denoised(column, y, layer)[component] - load_image(column, y, layer)[component];
    sum += select(0.0, error * error, counts & (row < params.count.y));
  }
  let total = workgroup_sum(lane, vec4f(sum, 0.0, 0.0, 0.0));
  if (lane < 4u) {
    let at = (u32(layer) * groups.y + group.y) * groups.x + group.x;
    store_partials(4u * at + lane, total[lane]);
  }
}
