// Attention: ROWS queries of one product of the batch per workgroup of one subgroup, which goes over the keys in blocks of 64.
// The scores of a block are a product whose lanes hold keys, eight each; what they weigh is a product whose lanes hold columns.
// Sums are kept relative to the greatest score so far (Milakov and Gimelshein 2018), so scores are never stored.

const ROWS = 8;
// Texels of the result's columns per lane, eight texels apart.
const WIDTH = 2; // @tune
override BIASES: u32 = 0u;

// The lowest number: an initial -infinity would make NaN of rows that a mask hides.
const lowest = -3.40282346638528859812e38;

struct Params {
  queries: i32,
  keys: i32,
  // Texels of the depth, and columns of the result.
  texels: i32,
  columns: i32,
  // Panels of ROWS queries.
  panels: u32,
  // Distance of the result's rows and columns.
  y_row: u32,
  y_column: u32,
  // From one row of a bias to the next: 0 where all queries have the same.
  bias0_row: i32,
  bias1_row: i32,
  scale: f32,
}

// Each lane reads only what it wrote itself.
var<workgroup> scores: array<f32, ROWS * 64>;

fn greatest_of_lanes(value: f32, lane: u32) -> f32 {
  let two = max(value, subgroupShuffle(value, lane ^ 1u));
  let four = max(two, subgroupShuffle(two, lane ^ 2u));
  return max(four, subgroupShuffle(four, lane ^ 4u));
}

fn sum_of_lanes(value: f32, lane: u32) -> f32 {
  let two = value + subgroupShuffle(value, lane ^ 1u);
  let four = two + subgroupShuffle(two, lane ^ 2u);
  return four + subgroupShuffle(four, lane ^ 4u);
}

@compute @workgroup_size(8)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = flat_group(workgroup_id, num_workgroups);
  let batch = group / params.panels;
  let table = 9u * batch;
  if (table >= length_places()) { return; }
  let own = i32(lane);
  let first = i32(group - batch * params.panels) * ROWS;
  let q = vec2i(i32(load_places(table)), i32(load_places(table + 1u)));
  let k = vec2i(i32(load_places(table + 2u)), i32(load_places(table + 3u)));
  let v = vec2i(i32(load_places(table + 4u)), i32(load_places(table + 5u)));
  let bias0 = i32(load_places(table + 6u));
  let bias1 = i32(load_places(table + 7u));
  let last_key = params.keys - 1;
  let last_query = params.queries - 1;

  var tops: array<f32, ROWS>;
  var totals: array<f32, ROWS>;
  var sums: array<vec4f, ROWS * WIDTH>;
  // @unroll
  for (var r = 0; r < ROWS; r++) {
    tops[r] = lowest;
  }
  let blocks = loop_count((params.keys + 63) / 64, lane);
  let turns = loop_count((params.texels + 1) / 2, lane);
  for (var block = 0; block < blocks; block++) {
    // Eight keys a lane: four neighbors, and four more from 32 keys on.
    let begin = block * 64 + own * 4;
    // Set anew for each block: expanded, the array is variables of the whole function.
    var products: array<f32, ROWS * 8>;
    // @unroll
    for (var i = 0; i < ROWS * 8; i++) {
      products[i] = 0.0;
    }
    for (var turn = 0; turn < turns; turn++) {
      let low = 2 * turn;
      let high = min(low + 1, params.texels - 1);
      let has_high = low + 1 < params.texels;
      var queries: array<vec4f, ROWS / 4>;
      // @unroll
      for (var i = 0; i < ROWS / 8; i++) {
        let row = q.y + min(first + i * 8 + own, last_query);
        queries[2 * i] = load_q(q.x + low, row, 0);
        queries[2 * i + 1] = select(vec4f(), load_q(q.x + high, row, 0), has_high);
      }
      var keys: array<vec4f, 16>;
      // @unroll
      for (var c = 0; c < 8; c++) {
        let row = k.y + min(begin + c / 4 * 32 + c % 4, last_key);
        keys[2 * c] = load_k(k.x + low, row, 0);
        keys[2 * c + 1] = select(vec4f(), load_k(k.x + high, row, 0), has_high);
      }
      // @unroll
      for (var r = 0; r < ROWS; r++) {
        let a = subgroupShuffle(queries[r / 8 * 2], u32(r % 8));
        let b = subgroupShuffle(queries[r / 8 * 2 + 1], u32(r % 8));
        // @unroll
        for (var c = 0; c < 8; c++) {
          products[r * 8 + c] += a.x * keys[2 * c].x + a.y * keys[2 * c].y + a.z * keys[2 * c].z + a.w * keys[2 * c].w
            + b.x * keys[2 * c + 1].x + b.y * keys[2 * c + 1].y + b.z * keys[2 * c + 1].z + b.w * keys[2 * c + 1].w;
        }
      }
    }

    // @unroll
    for (var r = 0; r < ROWS; r++) {
      let row = min(first + r, last_query);
      var greatest = tops[r];
      // @unroll
      for (var half = 0; half < 2; half++) {
        let texel = block * 16 + half * 8 + own;
        var four = params.scale * vec4f(products[r * 8 + half * 4], products[r * 8 + half * 4 + 1],
          products[r * 8 + half * 4 + 2], products[r * 8 + half * 4 + 3]);
        if (BIASES > 0u) { four += load_bias0(min(texel, size_bias0().x - 1), bias0 + row * params.bias0_row, 0); }
        if (BIASES > 1u) { four += load_bias1(min(texel, size_bias1().x - 1), bias1 + row * params.bias1_row, 0); }
        four = select(vec4f(lowest), four, vec4i(texel * 4) + vec4i(0, 1, 2, 3) <= vec4i(last_key));
        greatest = max(greatest, max(max(four.x, four.y), max(four.z, four.w)));
        // @unroll
        for (var i = 0; i < 4; i++) {
          scores[u32((half * 4 + i) * ROWS + r) * 8u + lane] = four[i];
        }
      }
      let top = greatest_of_lanes(greatest, lane);
      let factor = exp_of(tops[r] - top);
      totals[r] *= factor;
      // @unroll
      for (var t = 0; t < WIDTH; t++) {
        sums[r * WIDTH + t] *= factor;
      }
      tops[r] = top;
    }

    for (var c = 0; c < 8; c++) {
      let key = block * 64 + (c >> 2u) * 32 + (c & 3);
      let inside = key + own * 4 <= last_key;
      var values: array<vec4f, 8 * WIDTH>;
      // @unroll
      for (var i = 0; i < 8; i++) {
        let row = v.y + min(key + i * 4, last_key);
        // @unroll
        for (var t = 0; t < WIDTH; t++) {
          let value = load_v(min(v.x + own + t * 8, size_v().x - 1), row, 0);
          values[i * WIDTH + t] = select(vec4f(), value, key + i * 4 <= last_key);
        }
      }
      // @unroll
      for (var r = 0; r < ROWS; r++) {
        let weight = select(0.0, exp_of(scores[u32(c * ROWS + r) * 8u + lane] - tops[r]), inside);
        totals[r] += weight;
        let w0 = subgroupShuffle(weight, 0u);
        let w1 = subgroupShuffle(weight, 1u);
        let w2 = subgroupShuffle(weight, 2u);
        let w3 = subgroupShuffle(weight, 3u);
        let w4 = subgroupShuffle(weight, 4u);
        let w5 = subgroupShuffle(weight, 5u);
        let w6 = subgroupShuffle(weight, 6u);
        let w7 = subgroupShuffle(weight, 7u);
        // @unroll
        for (var t = 0; t < WIDTH; t++) {
          sums[r * WIDTH + t] += w0 * values[t] + w1 * values[WIDTH + t] + w2 * values[2 * WIDTH + t]
            + w3 * values[3 * WIDTH + t] + w4 * values[4 * WIDTH + t] + w5 * values[5 * WIDTH + t]
            + w6 * values[6 * WIDTH + t] + w7 * values[7 * WIDTH + t];
        }
      }
    }
  }

  let to = load_places(table + 8u);
  // @unroll
  for (var r = 0; r < ROWS; r++) {
    let factor = 1.0 / sum_of_lanes(totals[r], lane);
    if (first + r < params.queries) {
      // @unroll
      for (var i = 0; i < WIDTH * 4; i++) {
        let column = (own + i / 4 * 8) * 4 + i % 4;
        if (column < params.columns) {
          store_y(to + u32(first + r) * params.y_row + u32(column) * params.y_column, sums[r * WIDTH + i / 4][i % 4] * factor);
        }
      }
    }
  }
}
