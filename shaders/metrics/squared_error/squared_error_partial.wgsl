// Sums over the pixels of two images, first level: an invocation adds up a column of ROWS texels, a workgroup those of its
// 64 invocations. So no sum is long, and rounding stays small.

// Rows per invocation.
const ROWS = 16; // @tune
const lowest = -3.4028234e38;

// What is found out about the reference: `Score` in score.ts.
override KIND: u32 = 0u;

struct Params {
  // Pixels of a row: the lanes of the last texel beyond it are undefined.
  width: i32,
  shift: u32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = tile_place(group, lane, params.shift);
  let layer = slab_begin() + i32(group.z);
  let size = size_reference();
  let inside = vec4i(4 * place.x) + vec4i(0, 1, 2, 3) < vec4i(params.width);
  let x = min(place.x, size.x - 1);
  var errors = vec4f(0.0);
  var beside = vec4f(0.0);
  var greatest = vec4f(lowest);
  var least = vec4f(-lowest);
  // @unroll
  for (var i = 0; i < ROWS; i++) {
    let row = ROWS * place.y + i;
    let y = min(row, size.y - 1);
    let counts = inside & vec4<bool>(row < size.y);
    let pixels = load_reference(x, y, layer);
    let error = select(vec4f(0.0), pixels - load_test(x, y, layer), counts);
    let counted = select(vec4f(0.0), pixels, counts);
    errors += error * error;
    if (KIND == 1u) {
      beside += counted * counted;
    }
    if (KIND == 3u) {
      beside += counted;
    }
    if (KIND == 2u) {
      greatest = max(greatest, select(vec4f(lowest), pixels, counts));
      least = min(least, select(vec4f(-lowest), pixels, counts));
    }
  }
  let one = vec4f(1.0);
  var total = workgroup_sum(lane, vec4f(dot(errors, one), dot(beside, one), 0.0, 0.0));
  if (KIND == 2u) {
    let most = max(max(greatest.x, greatest.y), max(greatest.z, greatest.w));
    let negated = -min(min(least.x, least.y), min(least.z, least.w));
    let found = workgroup_max(lane, vec4f(most, negated, 0.0, 0.0));
    total = vec4f(total.xy, found.xy);
  }
  if (lane < 4u) {
    let at = (u32(layer) * groups.y + group.y) * groups.x + group.x;
    store_partials(4u * at + lane, total[lane]);
  }
}
