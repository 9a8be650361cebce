// Labels of resized maps of classes, RUN neighbors of a row per invocation: each map is blended at each place, and only
// the label of the best one so far is kept. `table` has for each axis and position the two neighbors and their weights.

const RUN = 8; // @tune
override LINEAR: u32 = 0u;
// 1 where there is a third axis.
override VOLUME: u32 = 0u;

struct Params {
  // Maps along x, y, z; channels.
  input: vec4i,
  // Labels along x, y, z; runs in a row.
  output: vec4i,
  // Where each axis begins in the table; labels that are counted.
  begin: vec4u,
  blocks: i32,
  // The layers of labels that are made, from one to before another.
  part: vec2i,
  // Whether a label is the last map above the threshold, not the greatest map.
  has_threshold: u32,
  threshold: f32,
  // Whether labels are stored as f32.
  floats: u32,
}

// A weight of 0 leaves a neighbor out: it may be infinite.
fn blend(a: vec4f, b: vec4f, weights: vec2f) -> vec4f {
  return select(a * weights.x, vec4f(), weights.x == 0.0) + select(b * weights.y, vec4f(), weights.y == 0.0);
}

fn neighbors(begin: u32, position: i32) -> vec4f {
  let at = begin + 4u * u32(position);
  return vec4f(load_table(at), load_table(at + 1u), load_table(at + 2u), load_table(at + 3u));
}

fn plane(columns: vec2i, rows: vec2i, layer: i32, across: vec2f, down: vec2f) -> vec4f {
  let upper = blend(load_x(columns.x, rows.x, layer), load_x(columns.y, rows.x, layer), across);
  let lower = blend(load_x(columns.x, rows.y, layer), load_x(columns.y, rows.y, layer), across);
  return blend(upper, lower, down);
}

// A number that grows with the element and is above 0; NaN is the greatest.
fn rank_of(value: f32) -> u32 {
  let word = bitcast<u32>(value);
  let ascending = select(word ^ 0x80000000u, ~word, (word >> 31u) == 1u);
  let signless = select(ascending, 0x80000000u, (word & 0x7fffffffu) == 0u);
  return select(signless, 0xffffffffu, (word & 0x7fffffffu) > 0x7f800000u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = i32(flat_index(workgroup_id, num_workgroups, lane, 64u));
  let row = index / params.output.w;
  let layer = slab_begin() + i32(workgroup_id.z);
  if ((row >= params.output.y) | (layer < params.part.x) | (layer >= params.part.y)) { return; }
  let first = (index - row * params.output.w) * RUN;
  let n = layer / params.output.z;
  let down = neighbors(params.begin.y, row);
  let through = neighbors(params.begin.z, layer - n * params.output.z);
  let rows = vec2i(down.xy);
  let slices = vec2i(through.xy);
  var across: array<vec4f, RUN>;
  var label: array<u32, RUN>;
  var best: array<u32, RUN>;
  // @unroll
  for (var i = 0; i < RUN; i++) {
    across[i] = neighbors(params.begin.x, min(first + i, params.output.x - 1));
    label[i] = 0u;
    best[i] = 0u;
  }
  let blocks = loop_count(params.blocks, lane);
  for (var block = 0; block < blocks; block++) {
    let above = block * params.input.z;
    // @unroll
    for (var i = 0; i < RUN; i++) {
      let columns = vec2i(across[i].xy) + n * params.input.x;
      var value: vec4f;
      if (LINEAR == 1u) {
        value = plane(columns, rows, above + slices.x, across[i].zw, down.zw);
        if (VOLUME == 1u) {
          value = blend(value, plane(columns, rows, above + slices.y, across[i].zw, down.zw), through.zw);
        }
      } else {
        let weight = across[i].z * down.z * through.z;
        value = select(load_x(columns.x, rows.x, above + slices.x), vec4f(), weight == 0.0);
      }
      // @unroll
      for (var c = 0; c < 4; c++) {
        let channel = 4 * block + c;
        let rank = rank_of(value[c]);
        let passes = select(rank > best[i], value[c] > params.threshold, params.has_threshold == 1u);
        let better = passes & (channel < params.input.w);
        label[i] = select(label[i], u32(channel) + params.has_threshold, better);
        best[i] = select(best[i], rank, better);
      }
    }
  }
  let place = u32((layer * params.output.y + row) * params.output.x + first);
  var counted = 0u;
  // @unroll
  for (var i = 0; i < RUN; i++) {
    if (first + i < params.output.x) {
      store_labels(place + u32(i), select(label[i], bitcast<u32>(f32(label[i])), params.floats == 1u));
      // Neighbors mostly have one label: each run of it is counted at once.
      counted += 1u;
      let ends = (i == RUN - 1) | (first + i == params.output.x - 1) | (label[i] != label[min(i + 1, RUN - 1)]);
      if (ends) {
        atomicAdd(&counts[u32(n) * params.begin.w + label[i]], counted);
        counted = 0u;
      }
    }
  }
}
