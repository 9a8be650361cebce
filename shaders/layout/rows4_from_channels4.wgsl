// Texels of four channels of a pixel to texels of four pixels of a row: four of the one to four of the other. Pixels
// beyond the row's end are 0.

struct Params { width: i32, depth: i32, channels: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_image();
  let at = vec3i(id);
  // Texels of a row of one image of the batch.
  let texels = (params.width + 3) / 4;
  let n = at.x / texels;
  if ((n * params.width >= size.x) | (at.y >= size.y)) { return; }
  let x = at.x - n * texels;
  let block = at.z / params.depth;
  let z = at.z - block * params.depth;
  var pixels: array<vec4f, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let column = min(4 * x + i, params.width - 1);
    pixels[i] = select(vec4f(), load_image(n * params.width + column, at.y, at.z), 4 * x + i < params.width);
  }
  // @unroll
  for (var lane = 0; lane < 4; lane++) {
    let c = block * 4 + lane;
    if (c < params.channels) {
      let row = vec4f(pixels[0][lane], pixels[1][lane], pixels[2][lane], pixels[3][lane]);
      store_result(x, at.y, (n * params.channels + c) * params.depth + z, row);
    }
  }
}
