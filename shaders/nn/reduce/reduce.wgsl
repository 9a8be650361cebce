// Reduces the middle axis of [outer, length, inner] to `chunks` elements, each of every chunks-th element.
// Sums are built from sums of sixteen, so that errors grow with a sixteenth of the length.

const WORKGROUP = 64; // @tune

struct Params {
  length: u32,
  inner: u32,
  chunks: u32,
  elements: f32,
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let line = index / params.inner;
  let outer = line / params.chunks;
  let chunk = line - outer * params.chunks;
  let start = outer * params.length * params.inner + (index - line * params.inner);

  var total = before(load_x(start + chunk * params.inner));
  // The first element is in `total` already.
  for (var first = chunk + params.chunks; first < params.length; first += 16u * params.chunks) {
    var part = before(load_x(start + first * params.inner));
    // @unroll
    for (var j = 1; j < 16; j++) {
      let k = first + u32(j) * params.chunks;
      let x = before(load_x(start + min(k, params.length - 1u) * params.inner));
      part = combine_if(part, x, k < params.length);
    }
    total = combine(total, part);
  }
  store_y(index, after(total, params.elements));
}
