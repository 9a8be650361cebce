// Reduces some rows of every channel of an image to one element, from texels of four channels: `partial` is
// [N, C, chunks], to be reduced further where there are several chunks.

const WORKGROUP = 64; // @tune

fn before4(x: vec4f) -> vec4f {
  return vec4f(before(x.x), before(x.y), before(x.z), before(x.w));
}

fn combine4(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(combine(a.x, b.x), combine(a.y, b.y), combine(a.z, b.z), combine(a.w, b.w));
}

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

  let width = loop_count(params.width, lane);
  var total = vec4f();
  let begin = chunk * params.rows_per_chunk;
  let end = min(begin + params.rows_per_chunk, params.rows);
  for (var row = begin; row < end; row++) {
    let z = row / params.height;
    let y = row - z * params.height;
    let layer = block * params.depth + z;
    var part = before4(load_x(n * params.width, y, layer));
    for (var x = 1; x < width; x++) {
      part = combine4(part, before4(load_x(n * params.width + x, y, layer)));
    }
    total = select(combine4(total, part), part, row == begin);
  }
  let elements = f32(params.width * params.rows);
  // @unroll
  for (var j = 0; j < 4; j++) {
    let c = block * 4 + j;
    let at = u32((n * params.channels + c) * params.chunks + chunk);
    if (c < params.channels) { store_partial(at, after(total[j], elements)); }
  }
}
