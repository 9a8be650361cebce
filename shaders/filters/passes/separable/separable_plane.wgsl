// Sums weighted along y and then along x in one pass, of kernels that are the same from both ends. A subgroup of 8 lanes
// makes ROWS rows of COLUMNS times 8 texels: sums along y stay in registers, and their neighbors along x come from other
// lanes. HALO texels at either end serve as neighbors only.

// Taps to either side of the middle one.
const REACH_X = 8; // @tune
const REACH_Y = 8; // @tune
// Texels that hold REACH_X pixels.
const HALO = 2; // @tune
const COLUMNS = 3; // @tune
const ROWS = 8; // @tune
// Whether all taps of a kernel weigh the same.
const EQUAL = 0; // @tune
const SPAN = ROWS + 2 * REACH_Y;
const NEIGHBORS = 8 * HALO + 4;
// Rows of a window but one, which are a block where weights are equal, and rows of whole blocks.
const BLOCK = 2 * REACH_Y;
const TAILS = (ROWS + BLOCK - 1) / BLOCK * BLOCK;

// Whether texels along x leave the image and pixels are read one by one: where a border doesn't turn whole texels.
override EDGE: bool = false;
// What a texel beyond a row's ends is made of the one that it comes from: 0 the same, 1 in reverse, 2 its outermost pixel.
override TURN: u32 = 0u;
// Whether the constant stands for pixels outside.
override FILL: bool = false;

struct Params {
  // From the middle tap outwards.
  weights_x: array<vec4f, 5>,
  weights_y: array<vec4f, 5>,
  border_x: vec4i,
  border_y: vec4i,
  // The rule of whole texels.
  border_texels: vec4i,
  // Tiles along x: count, first, gap.
  columns: vec3i,
  width: i32,
  height: i32,
  fill: i32,
  cval: f32,
}

@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  // Loaded once: loads from params within the sums take a quarter of their time on llvmpipe.
  let weights_x = params.weights_x;
  let weights_y = params.weights_y;
  let lane = i32(index);
  let size = size_result();
  let begin = tile_number(i32(group.x), params.columns) * (8 * COLUMNS - 2 * HALO) - HALO;
  let y0 = i32(group.y) * ROWS;
  let layer = slab_begin() + i32(group.z);

  var sums: array<vec4f, COLUMNS * ROWS>;
  // @unroll
  for (var q = 0; q < COLUMNS; q++) {
    let x = begin + 8 * q + lane;
    let column = border_source(x, params.border_texels);
    var texels: array<vec4f, SPAN>;
    // @unroll
    for (var i = 0; i < SPAN; i++) {
      let y = y0 + i - REACH_Y;
      let row = border_source(y, params.border_y);
      if (EDGE) {
        texels[i] = pixels_from(4 * x, row, layer);
      } else {
        texels[i] = load_image(column, row, layer);
      }
      if (FILL) {
        texels[i] = select(texels[i], vec4f(params.cval), (y < 0) | (y >= params.height));
      }
    }
    // Of equal weights each window is the end of one block of rows and the beginning of the next: two sums of runs.
    var tails: array<vec4f, TAILS>;
    var heads: array<vec4f, ROWS>;
    if (EQUAL == 1) {
      // @unroll
      for (var i = 0; i < TAILS; i++) {
        tails[TAILS - 1 - i] = texels[TAILS - 1 - i];
        if (i % BLOCK > 0) {
          tails[TAILS - 1 - i] += tails[TAILS - i];
        }
      }
      // @unroll
      for (var i = 0; i < ROWS; i++) {
        heads[i] = texels[i + BLOCK];
        if (i % BLOCK > 0) {
          heads[i] += heads[i - 1];
        }
      }
    }
    // @unroll
    for (var o = 0; o < ROWS; o++) {
      var part: vec4f;
      if (EQUAL == 1) {
        part = weights_y[0][0] * (tails[o] + heads[o]);
      } else {
        part = weights_y[0][0] * texels[o + REACH_Y];
        // @unroll
        for (var k = 1; k <= REACH_Y; k++) {
          part += weights_y[k / 4][k % 4] * (texels[o + REACH_Y - k] + texels[o + REACH_Y + k]);
        }
      }
      if (TURN == 1u) {
        part = select(part, part.wzyx, column != x);
      }
      if (TURN == 2u) {
        part = select(part, select(part.wwww, part.xxxx, x < 0), column != x);
      }
      sums[q * ROWS + o] = part;
      if (FILL) {
        let columns = vec4i(4 * x) + vec4i(0, 1, 2, 3);
        let outside = (columns < vec4i(0)) | (columns >= vec4i(params.width));
        sums[q * ROWS + o] = select(part, vec4f(params.cval), outside);
      }
    }
  }

  // @unroll
  for (var o = 0; o < ROWS; o++) {
    // @unroll
    for (var q = 0; q < COLUMNS; q++) {
      let own = sums[q * ROWS + o];
      // The first column has nothing to its left: what stands there is halo, and stored by nobody.
      let left = sums[(q - (q + COLUMNS - 1) / COLUMNS) * ROWS + o];
      let right = sums[(q + 1) % COLUMNS * ROWS + o];
      var pixels: array<f32, NEIGHBORS>;
      // @unroll
      for (var d = 1; d <= HALO; d++) {
        let before = subgroupShuffle(select(own, left, lane >= 8 - d), (index + 8u - u32(d)) & 7u);
        let after = subgroupShuffle(select(own, right, lane < d), (index + u32(d)) & 7u);
        // @unroll
        for (var j = 0; j < 4; j++) {
          pixels[4 * (HALO - d) + j] = before[j];
          pixels[4 * (HALO + d) + j] = after[j];
        }
      }
      // @unroll
      for (var j = 0; j < 4; j++) {
        pixels[4 * HALO + j] = own[j];
      }
      var part: vec4f;
      if (EQUAL == 1) {
        // The four windows have all pixels but three at either end in common.
        var middle = pixels[4 * HALO - REACH_X + 3];
        // @unroll
        for (var k = 4 - REACH_X; k <= REACH_X; k++) {
          middle += pixels[4 * HALO + k];
        }
        let before = pixels[4 * HALO - REACH_X + 1] + pixels[4 * HALO - REACH_X + 2];
        let after = pixels[4 * HALO + REACH_X + 1] + pixels[4 * HALO + REACH_X + 2];
        part = weights_x[0][0] * vec4f(
          pixels[4 * HALO - REACH_X] + before + middle,
          before + middle + pixels[4 * HALO + REACH_X + 1],
          pixels[4 * HALO - REACH_X + 2] + middle + after,
          middle + after + pixels[4 * HALO + REACH_X + 3],
        );
      } else {
        part = weights_x[0][0] * own;
        // @unroll
        for (var k = 1; k <= REACH_X; k++) {
          part += weights_x[k / 4][k % 4] * (vec4f(
            pixels[4 * HALO - k],
            pixels[4 * HALO - k + 1],
            pixels[4 * HALO - k + 2],
            pixels[4 * HALO - k + 3],
          ) + vec4f(
            pixels[4 * HALO + k],
            pixels[4 * HALO + k + 1],
            pixels[4 * HALO + k + 2],
            pixels[4 * HALO + k + 3],
          ));
        }
      }
      let place = 8 * q + lane;
      let x = begin + place;
      let is_output = (place >= HALO) & (place < 8 * COLUMNS - HALO) & (x < size.x) & (y0 + o < size.y);
      if (is_output) {
        store_result(x, y0 + o, layer, part);
      }
    }
  }
}
