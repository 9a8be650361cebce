// Product of matrices of whole numbers: one element per invocation.

const WORKGROUP = 64; // @tune

// The axes are those of the result, with the strides of A's rows and of B's columns.
struct Params { rank: i32, axes: array<vec4i, 8>, depth: i32, columns: i32, shift: u32, is_signed: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let begin = offsets_of(i32(index));
  let depth = loop_count(params.depth, lane);
  var sum = 0;
  for (var k = 0; k < depth; k++) {
    sum += load_a(u32(begin.x + k)) * load_b(u32(begin.y + k * params.columns));
  }
  store_y(index, wrap(sum, params.shift, params.is_signed == 1u));
}
