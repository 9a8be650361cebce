// Each region of a feature map on a grid of bins: the mean (or the greatest weighted corner) of bilinear samples of each
// bin. An invocation makes four channels of one bin.

const WORKGROUP = 64; // @tune
override GREATEST: u32 = 0u;
// 0.5 where pixel centers lie at halves, 0 where they lie at whole numbers.
override SHIFT: f32 = 0.0;
// Samples of an axis of a bin; 0 takes about one per pixel.
override SAMPLES: i32 = 0;

struct Params { width: i32, height: i32, channels: u32, blocks: u32, bins_x: u32, bins_y: u32, scale: f32, most: i32 }

// Pixel before and behind a sample (x and y), and the weight of the latter (z). Samples more than a pixel outside count 0.
fn neighbors(at: f32, size: i32) -> vec4f {
  let inside = (at >= -1.0) & (at <= f32(size));
  let low = min(i32(max(at, 0.0)), size - 1);
  let high = min(low + 1, size - 1);
  let weight = select(max(at, 0.0) - f32(low), 0.0, low >= size - 1);
  return vec4f(f32(low), f32(high), weight, select(0.0, 1.0, inside));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  let bins = params.bins_x * params.bins_y;
  let plane = index / bins;
  let roi = plane / params.blocks;
  if (roi >= length_batches()) { return; }
  let bin = index - plane * bins;
  let block = plane - roi * params.blocks;
  let bin_y = f32(bin / params.bins_x);
  let bin_x = f32(bin % params.bins_x);
  let begin = vec2f(load_rois(4u * roi), load_rois(4u * roi + 1u)) * params.scale - SHIFT;
  let end = vec2f(load_rois(4u * roi + 2u), load_rois(4u * roi + 3u)) * params.scale - SHIFT;
  let least = select(vec2f(1.0), (end - begin), vec2<bool>(SHIFT > 0.0));
  let size = max(end - begin, least);
  let bin_size = size / vec2f(f32(params.bins_x), f32(params.bins_y));
  let asked = select(vec2i(ceil(bin_size)), vec2i(SAMPLES), vec2<bool>(SAMPLES > 0));
  let samples = min(max(asked, vec2i(0)), vec2i(params.most));
  let column = load_batches(roi) * params.width;
  var sum = vec4f();
  var greatest = vec4f(-3.4028234663852886e38);
  for (var iy = 0; iy < samples.y; iy++) {
    let y = neighbors(begin.y + bin_y * bin_size.y + (f32(iy) + 0.5) * bin_size.y / f32(samples.y), params.height);
    for (var ix = 0; ix < samples.x; ix++) {
      let x = neighbors(begin.x + bin_x * bin_size.x + (f32(ix) + 0.5) * bin_size.x / f32(samples.x), params.width);
      let counts = x.w * y.w;
      let a = (1.0 - y.z) * (1.0 - x.z) * counts * load_x(column + i32(x.x), i32(y.x), i32(block));
      let b = (1.0 - y.z) * x.z * counts * load_x(column + i32(x.y), i32(y.x), i32(block));
      let c = y.z * (1.0 - x.z) * counts * load_x(column + i32(x.x), i32(y.y), i32(block));
      let d = y.z * x.z * counts * load_x(column + i32(x.y), i32(y.y), i32(block));
      sum += a + b + c + d;
      greatest = max(greatest, max(max(a, b), max(c, d)));
    }
  }
  let count = f32(max(samples.x * samples.y, 1));
  let value = select(sum / count, select(greatest, vec4f(), samples.x * samples.y == 0), GREATEST == 1u);
  for (var i = 0u; i < 4u; i++) {
    let channel = 4u * block + i;
    if (channel < params.channels) { store_y((roi * params.channels + channel) * bins + bin, value[i]); }
  }
}
