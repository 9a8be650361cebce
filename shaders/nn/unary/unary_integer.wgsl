// A function of each whole number or boolean; OP is the number of its name in unary_table.ts.

const WORKGROUP = 64; // @tune
override OP: u32 = 0u;

struct Params { alpha: i32, beta: i32, shift: u32, is_signed: u32 }

fn unary_value(x: i32) -> i32 {
  switch OP {
    case 1u: { return select(abs(x), x, params.is_signed == 0u); }
    case 2u: { return -x; }
    case 3u: { return select(sign(x), min(x, 1), params.is_signed == 0u); }
    case 4u: { return clamp(x, params.alpha, params.beta); }
    case 40u: { return 1 - x; }
    default: { return x; }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index < length_y()) {
    store_y(index, wrap(unary_value(load_x(index)), params.shift, params.is_signed == 1u));
  }
}
