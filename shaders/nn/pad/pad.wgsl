// Copies words and makes up those beyond the input.

const WORKGROUP = 64; // @tune

struct Params {
  rank: i32,
  // For each axis, the last one first: the result's size, the input's, the input's stride, the pad before it.
  axes: array<vec4i, 8>,
  value: u32,
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  var rest = i32(index);
  var offset = 0;
  var inside = true;
  let rank = loop_count(params.rank, lane);
  for (var i = 0; i < rank; i++) {
    let axis = params.axes[i];
    let quotient = rest / axis.x;
    let at = rest - quotient * axis.x - axis.w;
    inside = inside & (at >= 0) & (at < axis.y);
    offset += source(at, axis.y) * axis.z;
    rest = quotient;
  }
  // Every position of the offset lies inside the input, which has elements.
  let word = load_x(u32(offset));
  store_y(index, select(word, params.value, (MODE == 0u) & !inside));
}
