// A point spread function as a periodic image: its middle (index n / 2, rounded down) comes to the first pixel, and what
// reaches beyond the image goes around and is added up.

struct Params {
  // Pixels of the point spread function along x, y and z.
  psf_size: vec3i,
  // Pixels of the image.
  size: vec3i,
  // How often the point spread function goes around, at most.
  times: vec3i,
}

// The first place of the point spread function that falls on a pixel: its place from the middle, from 0 on.
fn first_place(pixel: vec3i) -> vec3i {
  let place = pixel + params.psf_size / 2;
  return place - place / params.size * params.size;
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_result().x);
  if (place.y >= size_result().y) {
    return;
  }
  let z = i32(group.z);
  let times = vec3i(loop_count(params.times.x, lane), loop_count(params.times.y, lane), loop_count(params.times.z, lane));
  var sums = vec4f();
  // @unroll
  for (var i = 0; i < 4; i++) {
    let first = first_place(vec3i(4 * place.x + i, place.y, z));
    var sum = 0.0;
    for (var c = 0; c < times.z; c++) {
      for (var b = 0; b < times.y; b++) {
        for (var a = 0; a < times.x; a++) {
          let at = first + vec3i(a, b, c) * params.size;
          let held = min(at, params.psf_size - 1);
          let index = (held.z * params.psf_size.y + held.y) * params.psf_size.x + held.x;
          sum += select(0.0, load_psf(u32(index)), all(at < params.psf_size));
        }
      }
    }
    sums[i] = sum;
  }
  store_result(place.x, place.y, z, sums);
}
