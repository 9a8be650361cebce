// Turns pairs of lines into pairs of columns and back. A texel holds two complex numbers of neighbors: of two rows in one
// array, of two columns in the other; two texels of the one are two texels of the other.

struct Params {
  // Step from a texel of the source to its neighbor in the square, and the same of the result.
  source_step: vec2i,
  result_step: vec2i,
  // Squares along x and y.
  squares: vec2i,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let square = flat_place(group, groups, lane, params.squares.x);
  if (square.y >= params.squares.y) {
    return;
  }
  let layer = i32(group.z) + slab_begin();
  let begin = square * (vec2i(1) + params.source_step);
  let neighbor = min(begin + params.source_step, size_source().xy - 1);
  let a = load_source(begin.x, begin.y, layer);
  let b = load_source(neighbor.x, neighbor.y, layer);
  let end = square * (vec2i(1) + params.result_step);
  let next = end + params.result_step;
  store_result(end.x, end.y, layer, vec4f(a.x, b.x, a.z, b.z));
  if (all(next < size_result().xy)) {
    store_result(next.x, next.y, layer, vec4f(a.y, b.y, a.w, b.w));
  }
}
