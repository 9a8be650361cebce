// Mean and sum of squared deviations of each chunk of each line of [lines, length].

const WORKGROUP = 64; // @tune

struct Params { length: u32, chunk_length: u32, chunks: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (2u * index >= length_partial()) { return; }
  let line = index / params.chunks;
  let begin = (index - line * params.chunks) * params.chunk_length;
  let end = min(begin + params.chunk_length, params.length);
  let start = line * params.length;
  var sum = 0.0;
  for (var k = begin; k < end; k++) {
    sum += load_x(start + k);
  }
  let mean = sum / f32(end - begin);
  var squares = 0.0;
  for (var k = begin; k < end; k++) {
    let deviation = load_x(start + k) - mean;
    squares += deviation * deviation;
  }
  store_partial(2u * index, mean);
  store_partial(2u * index + 1u, squares);
}
