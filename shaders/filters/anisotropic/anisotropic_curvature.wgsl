// One step of modified curvature diffusion (Whitaker and Xue 2001): level sets move by the divergence of the unit normal
// times a conductance, with gradients taken halfway between neighbors and the upwind gradient's length as their speed's
// factor. Nothing flows across the border. An invocation makes a texel of ROWS rows.

// Rows per invocation.
const ROWS = 4;
const SPAN = ROWS + 2;

struct Params {
  // One over the spacing along x, y, z.
  scales: vec4f,
  dt: f32,
  // What times the level is kappa.
  factor: f32,
  // Pixels of a row: the lanes of the last texel beyond it are undefined.
  width: i32,
  depth: i32,
  shift: u32,
}

// The pixels of a texel with their neighbors along x; at the border a pixel is its own neighbor.
struct Row {
  left: vec4f,
  middle: vec4f,
  right: vec4f,
}

fn row_at(x: i32, y: i32, layer: i32) -> Row {
  let size = size_image();
  let source = clamp(y, 0, size.y - 1);
  let middle = load_image(x, source, layer);
  let before = load_image(max(x - 1, 0), source, layer).w;
  let next = load_image(min(x + 1, size.x - 1), source, layer).x;
  let inside = vec4i(4 * x) + vec4i(1, 2, 3, 4) < vec4i(params.width);
  return Row(
    vec4f(select(middle.x, before, x > 0), middle.xyz),
    middle,
    select(middle, vec4f(middle.yzw, next), inside),
  );
}

fn squared(value: vec4f) -> vec4f {
  return value * value;
}

// What flows between neighbors of this difference, where the squared gradient across is given.
fn flow(difference: vec4f, across: vec4f, slope: f32, least: f32) -> vec4f {
  let square = difference * difference + across;
  return difference * conductance_of(slope * square) * inverseSqrt(square + least);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = tile_place(group, lane, params.shift);
  let size = size_image();
  let x = place.x;
  let y = ROWS * place.y;
  if ((x >= size.x) | (y >= size.y)) {
    return;
  }
  let layer = slab_begin() + i32(group.z);
  let channel = layer / params.depth;
  var state = 2u;
  if (STOPS) {
    state = load_state(u32(channel));
    if (state == 0u) {
      return;
    }
  }
  let kappa = kappa_of(channel);
  // exp(-s^2) is exp2(-s^2 / ln 2).
  let slope = select(1.44269504, 1.0, RATIONAL) / (kappa * kappa);
  let least = 1e-4 * kappa * kappa;
  let beside_z = layers_beside(layer);
  let unit = params.scales;
  // Differences of pixels two apart, of which two are averaged.
  let quarter = 0.25 * unit;

  var rows: array<Row, SPAN>;
  var front: array<Row, SPAN>;
  var back: array<Row, SPAN>;
  // @unroll
  for (var i = 0; i < SPAN; i++) {
    rows[i] = row_at(x, y + i - 1, layer);
    if (VOLUME) {
      front[i] = row_at(x, y + i - 1, beside_z.x);
      back[i] = row_at(x, y + i - 1, beside_z.y);
    }
  }
  // What flows from each row to the next.
  var down: array<vec4f, SPAN>;
  // @unroll
  for (var i = 0; i < ROWS + 1; i++) {
    var across = squared(quarter.x * ((rows[i].right - rows[i].left) + (rows[i + 1].right - rows[i + 1].left)));
    if (VOLUME) {
      across += squared(
        quarter.z * ((back[i].middle - front[i].middle) + (back[i + 1].middle - front[i + 1].middle)),
      );
    }
    down[i] = flow(unit.y * (rows[i + 1].middle - rows[i].middle), across, slope, least);
  }
  // @unroll
  for (var o = 0; o < ROWS; o++) {
    let above = rows[o];
    let here = rows[o + 1];
    let below = rows[o + 2];
    let right = unit.x * (here.right - here.middle);
    let left = unit.x * (here.middle - here.left);
    let along_y = below.middle - above.middle;
    var across_right = squared(quarter.y * (along_y + (below.right - above.right)));
    var across_left = squared(quarter.y * (along_y + (below.left - above.left)));
    var growing = squared(max(right, vec4f(0.0))) + squared(min(left, vec4f(0.0)));
    var falling = squared(min(right, vec4f(0.0))) + squared(max(left, vec4f(0.0)));
    let next = unit.y * (below.middle - here.middle);
    let last = unit.y * (here.middle - above.middle);
    growing += squared(max(next, vec4f(0.0))) + squared(min(last, vec4f(0.0)));
    falling += squared(min(next, vec4f(0.0))) + squared(max(last, vec4f(0.0)));
    var speed = unit.y * (down[o + 1] - down[o]);
    if (VOLUME) {
      let nearer = front[o + 1];
      let farther = back[o + 1];
      let along_z = farther.middle - nearer.middle;
      across_right += squared(quarter.z * (along_z + (farther.right - nearer.right)));
      across_left += squared(quarter.z * (along_z + (farther.left - nearer.left)));
      let along_x = here.right - here.left;
      let farther_step = unit.z * (farther.middle - here.middle);
      let nearer_step = unit.z * (here.middle - nearer.middle);
      let across_farther = squared(quarter.x * (along_x + (farther.right - farther.left))) +
        squared(quarter.y * (along_y + (back[o + 2].middle - back[o].middle)));
      let across_nearer = squared(quarter.x * (along_x + (nearer.right - nearer.left))) +
        squared(quarter.y * (along_y + (front[o + 2].middle - front[o].middle)));
      speed += unit.z * (flow(farther_step, across_farther, slope, least) - flow(nearer_step, across_nearer, slope, least));
      growing += squared(max(farther_step, vec4f(0.0))) + squared(min(nearer_step, vec4f(0.0)));
      falling += squared(min(farther_step, vec4f(0.0))) + squared(max(nearer_step, vec4f(0.0)));
    }
    speed += unit.x * (flow(right, across_right, slope, least) - flow(left, across_left, slope, least));
    let change = params.dt * speed * sqrt(select(falling, growing, speed > vec4f(0.0)));
    if (y + o < size.y) {
      store_result(x, y + o, layer, select(here.middle, here.middle + change, state == 2u));
    }
  }
}
