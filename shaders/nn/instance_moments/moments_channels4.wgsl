// Mean and sum of squared deviations of each chunk of rows of every channel, from texels of four channels, in one pass: a row's
// sums are taken from the mean of the rows before, the first one's from its own, for which it alone is read twice. A difference
// between the two is a deviation of the chunk as well, so that little cancels. Rows come together as chunks do
// (`combine_moments.wgsl`).

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
  let begin_z = begin / params.height;
  let row_elements = f32(params.width);
  var elements = 0.0;
  var squares = vec4f();
  var mean = vec4f();
  for (var x = 0; x < width; x++) {
    mean += load_x(first + x, begin - begin_z * params.height, block * params.depth + begin_z);
  }
  mean /= row_elements;
  for (var row = begin; row < end; row++) {
    let z = row / params.height;
    let shift = mean;
    var sum = vec4f();
    var products = vec4f();
    for (var x = 0; x < width; x++) {
      let deviation = load_x(first + x, row - z * params.height, block * params.depth + z) - shift;
      sum += deviation;
      products += deviation * deviation;
    }
    // The row's mean is shift + difference; the first row has none before it.
    let difference = sum / row_elements;
    let share = row_elements / (elements + row_elements);
    let own = products - sum * difference;
    squares += select(own, vec4f(), own < vec4f()) + difference * difference * elements * share;
    mean = shift + difference * share;
    elements += row_elements;
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
