// Values at given places of [N, C, z, y, x], one per invocation: along each axis a place, its taps and their weights.

const WORKGROUP = 64; // @tune
// 0 nearest, 1 linear, 2 cubic.
override MODE: u32 = 1u;
// 0 zeros, 1 border, 2 reflection.
override PADDING: u32 = 0u;
override ALIGN: u32 = 0u;
override RANK: u32 = 2u;
// Taps along each axis.
override TAPS: i32 = 2;

struct Params {
  // Width, height, depth.
  input: vec4i,
  channels: u32,
  // Of one image.
  places: u32,
}

// Reflected at both ends till it lies between them.
fn reflected(x: f32, low: f32, high: f32) -> f32 {
  let range = max(high - low, 1e-30);
  let count = floor((x - low) / range);
  let rest = (x - low) - count * range;
  let odd = count - 2.0 * floor(count / 2.0);
  return select(select(low + rest, high - rest, odd > 0.5), low, high <= low);
}

fn low_end() -> f32 {
  return select(-0.5, 0.0, ALIGN == 1u);
}

fn high_end(size: i32) -> f32 {
  return f32(size) - select(0.5, 1.0, ALIGN == 1u);
}

fn place_of(normal: f32, size: i32) -> f32 {
  let extent = f32(size);
  let at = select(((normal + 1.0) * extent - 1.0) / 2.0, (normal + 1.0) / 2.0 * (extent - 1.0), ALIGN == 1u);
  let place = select(at, round(at), MODE == 0u);
  let outside = (place < low_end()) | (place > high_end(size));
  let mirrored = select(place, reflected(place, low_end(), high_end(size)), outside);
  return select(select(place, mirrored, PADDING == 2u), clamp(place, 0.0, extent - 1.0), PADDING == 1u);
}

fn tap_of(index: i32, size: i32) -> i32 {
  let mirrored = i32(reflected(f32(index), low_end(), high_end(size)));
  return select(index, clamp(select(index, mirrored, PADDING == 2u), 0, size - 1), PADDING != 0u);
}

// Keys' cubic with a = -0.75.
fn cubic(distance: f32) -> f32 {
  let d = abs(distance);
  return select(((-0.75 * d + 3.75) * d - 6.0) * d + 3.0, (1.25 * d - 2.25) * d * d + 1.0, d <= 1.0);
}

fn weight_of(distance: f32) -> f32 {
  return select(select(1.0 - abs(distance), cubic(distance), MODE == 2u), 1.0, MODE == 0u);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let size = params.input.xyz;
  let line = index / params.places;
  let start = ((line / params.channels) * params.places + (index - line * params.places)) * RANK;
  var place = vec3f();
  place.x = place_of(load_places(start), size.x);
  if (RANK > 1u) { place.y = place_of(load_places(start + 1u), size.y); }
  if (RANK > 2u) { place.z = place_of(load_places(start + 2u), size.z); }
  let first = select(vec3i(floor(place)) - select(0, 1, MODE == 2u), vec3i(place), MODE == 0u);
  let taps = vec3i(TAPS, select(1, TAPS, RANK > 1u), select(1, TAPS, RANK > 2u));
  var sum = 0.0;
  for (var z = 0; z < taps.z; z++) {
    let tap_z = select(0, tap_of(first.z + z, size.z), RANK > 2u);
    let weight_z = select(1.0, weight_of(place.z - f32(first.z + z)), RANK > 2u);
    for (var y = 0; y < taps.y; y++) {
      let tap_y = select(0, tap_of(first.y + y, size.y), RANK > 1u);
      let weight_y = select(1.0, weight_of(place.y - f32(first.y + y)), RANK > 1u);
      for (var x = 0; x < taps.x; x++) {
        let tap = vec3i(tap_of(first.x + x, size.x), tap_y, tap_z);
        let inside = all((tap >= vec3i(0)) & (tap < size));
        let near = clamp(tap, vec3i(0), size - 1);
        let value = load_x(((line * u32(size.z) + u32(near.z)) * u32(size.y) + u32(near.y)) * u32(size.x) + u32(near.x));
        let weight = weight_z * weight_y * weight_of(place.x - f32(first.x + x));
        sum = select(sum, sum + weight * value, inside);
      }
    }
  }
  store_y(index, sum);
}
