// 3x3 convolution of stride 1: 4x4 pixels and one texel of output channels per invocation, all nine taps expanded.
// A third axis of taps is a loop. Tiles at the end overlap their neighbors, so that no pixel lies outside.

const WORKGROUP = 8; // @tune
// Input channels of a texel that are used: fewer than four in a first layer.
const LANES = 4; // @tune

struct Params {
  // Width, height, depth, blocks of four channels.
  input: vec4i,
  output: vec4i,
  pads: vec4i,
  // Along x and y, and how many there are in the whole batch.
  tiles: vec4u,
  // Output channels.
  channels: i32,
  // Workgroups that share their output channels.
  runs: u32,
  taps_z: i32,
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = flat_group(workgroup_id, num_workgroups);
  let block = i32(group / params.runs);
  if (block >= params.output.w) { return; }
  let tile = min(group % params.runs * WORKGROUP + lane, params.tiles.z - 1u);
  let x0 = min(i32(tile % params.tiles.x) * 4, params.output.x - 4);
  let across = tile / params.tiles.x;
  let y0 = min(i32(across % params.tiles.y) * 4, params.output.y - 4);
  let plane = i32(across / params.tiles.y);
  let n = plane / params.output.z;
  let z0 = plane - n * params.output.z;

  var columns: array<i32, 6>;
  var rows: array<i32, 6>;
  var inside_x: array<bool, 6>;
  var inside_y: array<bool, 6>;
  // @unroll
  for (var i = 0; i < 6; i++) {
    let x = x0 + i - params.pads.x;
    let y = y0 + i - params.pads.y;
    inside_x[i] = (x >= 0) & (x < params.input.x);
    inside_y[i] = (y >= 0) & (y < params.input.y);
    columns[i] = clamp(x, 0, params.input.x - 1) + n * params.input.x;
    rows[i] = clamp(y, 0, params.input.y - 1);
  }

  let taps_z = loop_count(params.taps_z, lane);
  let blocks = loop_count(params.input.w, lane);
  var sums: array<vec4f, 16>;
  for (var kz = 0; kz < taps_z; kz++) {
    let z = z0 + kz - params.pads.z;
    let inside_z = (z >= 0) & (z < params.input.z);
    let slice = clamp(z, 0, params.input.z - 1);
    for (var c = 0; c < blocks; c++) {
      let layer = c * params.input.z + slice;
      var pixels: array<vec4f, 36>;
      // @unroll
      for (var y = 0; y < 6; y++) {
        // @unroll
        for (var x = 0; x < 6; x++) {
          pixels[y * 6 + x] = select(vec4f(), load_x(columns[x], rows[y], layer), inside_x[x] & inside_y[y] & inside_z);
        }
      }
      // @unroll
      for (var tap = 0; tap < 9; tap++) {
        // @unroll
        for (var j = 0; j < LANES; j++) {
          let weight = load_weight((kz * 9 + tap) * 4 + j, c, block);
          // @unroll
          for (var i = 0; i < 16; i++) {
            sums[i] += pixels[(i / 4 + tap / 3) * 6 + i % 4 + tap % 3][j] * weight;
          }
        }
      }
    }
  }

  var bias = vec4f();
  if (HAS_BIAS == 1u) { bias = bias_at(block); }
  let layer = block * params.output.z + z0;
  let column = n * params.output.x + x0;
  // Rolled: sixteen copies of the epilogue would double the time that SwiftShader takes to compile the page.
  var results = sums;
  for (var i = 0; i < 16; i++) {
    let x = column + i % 4;
    let y = y0 + i / 4;
    var added = vec4f();
    if (HAS_ADDED == 1u) { added = load_added(x, y, layer); }
    let value = within_channels(epilogue_steps(results[i] + bias, added), 4 * block, params.channels);
    store_y(x, y, layer, value);
  }
}
