// (x - mean) * factor + bias with those of each line, which lie channel beside channel for each image.

const WORKGROUP = 64; // @tune
override HAS_ADDED: u32 = 0u;

struct Params { length: u32, channels: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let line = index / params.length;
  let c = line % params.channels;
  let at = (line - c) * 3u + c;
  let value = (load_x(index) - load_moments(at)) * load_moments(at + params.channels)
    + load_moments(at + 2u * params.channels);
  var added = 0.0;
  if (HAS_ADDED == 1u) { added = load_added(index); }
  store_y(index, epilogue_steps_1(value, added));
}
