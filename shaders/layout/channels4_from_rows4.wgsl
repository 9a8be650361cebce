// Texels of four pixels of a row to texels of four channels of a pixel: four of the one to four of the other. Channels
// beyond C are 0.

struct Params { width: i32, depth: i32, channels: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_result();
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  // Texels of a row of one image of the batch.
  let texels = (params.width + 3) / 4;
  let n = at.x / texels;
  if ((n * params.width >= size.x) | (at.y >= size.y)) { return; }
  let x = at.x - n * texels;
  let block = at.z / params.depth;
  let z = at.z - block * params.depth;
  var rows: array<vec4f, 4>;
  // @unroll
  for (var lane = 0; lane < 4; lane++) {
    let c = block * 4 + lane;
    let layer = (n * params.channels + min(c, params.channels - 1)) * params.depth + z;
    rows[lane] = select(vec4f(), load_image(x, at.y, layer), c < params.channels);
  }
  // @unroll
  for (var i = 0; i < 4; i++) {
    if (4 * x + i < params.width) {
      store_result(n * params.width + 4 * x + i, at.y, at.z, vec4f(rows[0][i], rows[1][i], rows[2][i], rows[3][i]));
    }
  }
}
