// The median of each channel times a scale: the middle magnitude, or the mean of the two middle ones; 0 without any.

struct Params {
  parts: u32,
  scale: f32,
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var below = 0u;
  var least = 3.4028234e38;
  let parts = loop_count_u(params.parts, lane);
  for (var part = lane; part < parts; part += 64u) {
    let slot = 2u * (group.z * params.parts + part);
    below += load_parts(slot);
    least = min(least, bitcast<f32>(load_parts(slot + 1u)));
  }
  let count = workgroup_count(lane, vec4u(below)).x;
  let next = -workgroup_max(lane, vec4f(-least)).x;
  let total = load_state(2u * group.z + 1u);
  let lower = bitcast<f32>(load_state(2u * group.z));
  // The upper middle one is the same value where enough magnitudes lie at or below it.
  let upper = select(next, lower, (total % 2u == 1u) | (count > total / 2u));
  let median = lower + 0.5 * (upper - lower);
  if (lane == 0u) {
    store_level(group.z, select(params.scale * median, 0.0, total == 0u));
  }
}
