// Lines of [lines, length], each normalized by its own mean and deviation, then scaled and shifted element by element;
// one line per invocation. Sums go chunk by chunk, so that long lines lose no digits.

const WORKGROUP = 16; // @tune
const CHUNK = 64u; // @tune

struct Params { lines: u32, length: u32, epsilon: f32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (line >= params.lines) { return; }
  let length = loop_count_u(params.length, lane);
  let start = line * params.length;
  var sum = 0.0;
  for (var begin = 0u; begin < length; begin += CHUNK) {
    let end = min(begin + CHUNK, length);
    var part = 0.0;
    for (var k = begin; k < end; k++) { part += load_x(start + k); }
    sum += part;
  }
  let mean = sum / f32(params.length);
  var squares = 0.0;
  for (var begin = 0u; begin < length; begin += CHUNK) {
    let end = min(begin + CHUNK, length);
    var part = 0.0;
    for (var k = begin; k < end; k++) {
      let deviation = load_x(start + k) - mean;
      part += deviation * deviation;
    }
    squares += part;
  }
  let factor = 1.0 / sqrt(squares / f32(params.length) + params.epsilon);
  for (var k = 0u; k < length; k++) {
    store_y(start + k, (load_x(start + k) - mean) * factor * load_scale(k) + load_bias(k));
  }
}
