// Mean and sum of squared deviations of each chunk of rows of every channel, from texels of four channels.

const WORKGROUP = 64; // @tune

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32(flat_index(workgroup_id, num_workgroups, lane, WORKGROUP));
  let block_line = index / params.chunks;
  let chunk = index - block_line * params.chunks;
  let blocks = (params.channels + 3) / 4;
  let n = block_line / blocks;
  let block = block_line - n * blocks;
  if (n >= params.batch) { return; }
  let begin = chunk * params.rows_per_chunk;
  let end = min(begin + params.rows_per_chunk, params.rows);
  let first = n * params.width;
  let width = loop_count(params.width, lane);
  var sum = vec4f();
  for (var row = begin; row < end; row++) {
    let z = row / params.height;
    var part = vec4f();
    for (var x = 0; x < width; x++) {
      part += load_x(first + x, row - z * params.height, block * params.depth + z);
    }
    sum += part;
  }
  let mean = sum / f32((end - begin) * params.width);
  var squares = vec4f();
  for (var row = begin; row < end; row++) {
    let z = row / params.height;
    var part = vec4f();
    for (var x = 0; x < width; x++) {
      let deviation = load_x(first + x, row - z * params.height, block * params.depth + z) - mean;
      part += deviation * deviation;
    }
    squares += part;
  }
  // @unroll
  for (var j = 0; j < 4; j++) {
    let c = block * 4 + j;
    let at = u32(2 * ((n * params.channels + c) * params.chunks + chunk));
    if (c < params.channels) {
      store_partial(at, mean[j]);
      store_partial(at + 1u, squares[j]);
    }
  }
}
