// Density of the windows' means about 64 candidates, from 0.75 to 1.75 times the noise's mean as the wavelet tells it.
// A lane has a candidate, a workgroup a run of windows.

struct Params {
  count: u32,
  run: u32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let channel = group.z;
  let center = load_level(channel) * rayleigh_mean * (0.75 + f32(lane) / 63.0);
  let scale = kernel_scale(center);
  let begin = group.x * params.run;
  let end = min(begin + params.run, params.count);
  var density = 0.0;
  for (var i = begin; i < end; i++) {
    density += kernel(load_windows(2u * (channel * params.count + i)), center, scale);
  }
  store_parts(64u * (channel * groups.x + group.x) + lane, density);
}
