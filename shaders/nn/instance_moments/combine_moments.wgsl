// Mean of each line, the factor scale / sqrt(variance + epsilon) and the bias, from the moments of the chunks of all lines of
// its group: two sets of n and m elements have the squared deviations a + b + (difference of means)^2 * n m / (n + m) (Chan
// et al., 1979).

const WORKGROUP = 8; // @tune

struct Params { length: u32, chunk_length: u32, chunks: u32, channels: u32, group: u32, epsilon: f32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (3u * line >= length_moments()) { return; }
  var elements = 0.0;
  var mean = 0.0;
  var squares = 0.0;
  // Channels fill groups without a rest, so that groups of lines begin at multiples of their size.
  let first = line - line % params.group;
  let parts = loop_count_u(params.group * params.chunks, line);
  for (var part = 0u; part < parts; part++) {
    let at = 2u * (first * params.chunks + part);
    let chunk = part % params.chunks;
    let more = f32(min(params.chunk_length, params.length - chunk * params.chunk_length));
    let difference = load_partial(at) - mean;
    let share = more / (elements + more);
    squares += load_partial(at + 1u) + difference * difference * elements * share;
    mean += difference * share;
    elements += more;
  }
  let deviation = sqrt(squares / elements + params.epsilon);
  let c = line % params.channels;
  let at = (line - c) * 3u + c;
  store_moments(at, mean);
  store_moments(at + params.channels, load_scale(c) / deviation);
  store_moments(at + 2u * params.channels, load_bias(c));
}
