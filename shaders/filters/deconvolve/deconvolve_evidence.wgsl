// What the likelihood's slope is made of at 16 balances, first level: sums over the frequencies but those of the mean,
// shared out to the lanes of 64 workgroups per channel. With u = balance |L|^2 / (balance |L|^2 + |H|^2) and t = 1 - u they
// are the sums of |Y|^2 u t, of |Y|^2 u, of t, and of 1.

struct Params {
  // Frequencies along y in the table.
  height: i32,
  // Pixels along y: the others of its frequencies are conjugates, which count as well.
  pixels: i32,
  depth: i32,
  transfer_layers: i32,
}

const sums = 13;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = size_spectrum();
  let channel = i32(group.z);
  let low = load_range(2u * group.z);
  let step = load_range(2u * group.z + 1u);
  var balances: array<vec4f, 4>;
  // @unroll
  for (var i = 0; i < 4; i++) {
    balances[i] = exp2(vec4f(low) + step * (f32(4 * i) + vec4f(0.0, 1.0, 2.0, 3.0)));
  }
  var total: array<vec4f, sums>;
  let texels = loop_count(size.x * size.y * params.depth, lane);
  for (var at = i32(group.x * 64u + lane); at < texels; at += 4096) {
    let row = at / size.x;
    let column = at - row * size.x;
    let z = row / size.y;
    let y = row - z * size.y;
    let texel = load_spectrum(column, y, channel * params.depth + z);
    let h = load_transfer(column, y, min(z, params.transfer_layers - 1));
    let power = texel.xy * texel.xy + texel.zw * texel.zw;
    let gain = h.xy * h.xy + h.zw * h.zw;
    let others = load_laplacian(u32(params.height + column)) + load_laplacian(u32(params.height + size.x + z));
    // @unroll
    for (var i = 0; i < 2; i++) {
      let k = 2 * y + i;
      let laplacian = others + load_laplacian(u32(k));
      let alone = (k == 0) | (2 * k == params.pixels);
      let there = (2 * k <= params.pixels) & (laplacian > 0.0);
      let weight = select(0.0, select(2.0, 1.0, alone), there);
      let data = select(0.0, weight * power[i], there);
      // @unroll
      for (var b = 0; b < 4; b++) {
        let prior = balances[b] * (laplacian * laplacian);
        let divisor = max(prior + gain[i], vec4f(1e-37));
        let u = prior / divisor;
        let t = gain[i] / divisor;
        total[b] += data * (u * t);
        total[4 + b] += data * u;
        total[8 + b] += weight * t;
      }
      total[12] += vec4f(weight, 0.0, 0.0, 0.0);
    }
  }
  // @unroll
  for (var i = 0; i < sums; i++) {
    let group_sum = workgroup_sum(lane, total[i]);
    if (lane < 4u) {
      store_partial((group.z * 64u + group.x) * 52u + u32(4 * i) + lane, group_sum[lane]);
    }
  }
}
