// A function of two floats with broadcasting, four elements per invocation; comparisons give 0 or 1.

const WORKGROUP = 64; // @tune
override HAS_ADDED: u32 = 0u;

struct Params { rank: i32, axes: array<vec4i, 8> }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let first = flat_group(workgroup_id, num_workgroups) * WORKGROUP * 4u + lane;
  // @unroll
  for (var i = 0; i < 4; i++) {
    let index = first + u32(i) * WORKGROUP;
    if (index < length_y()) {
      let offsets = offsets_of(i32(index));
      let a = load_a(u32(offsets.x));
      let b = load_b(u32(offsets.y));
      if (OP >= 20u) {
        store_y(index, u32(binary_test(a, b)));
      } else {
        var added = 0.0;
        if (HAS_ADDED == 1u) { added = load_added(index); }
        store_y(index, bitcast<u32>(epilogue_steps_1(binary_value(a, b), added)));
      }
    }
  }
}
