// Gray with a mask in color, one pixel of all three channels per invocation.

struct Params {
  color: vec3f,
  alpha: f32,
  // height, width
  size: vec2i,
  outline: i32,
}

fn is_set(plane: i32, y: i32, x: i32) -> bool {
  let at = vec2i(y, x);
  let near = clamp(at, vec2i(0), params.size - 1);
  let value = load_mask(u32((plane * params.size.x + near.x) * params.size.y + near.y));
  return all(at == near) & (value > 0.5);
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(group, groups, lane, 64u);
  let count = length_mask();
  if (index >= count) {
    return;
  }
  let row = i32(index) / params.size.y;
  let x = i32(index) - row * params.size.y;
  let plane = row / params.size.x;
  let y = row - plane * params.size.x;
  var cover = 0.0;
  if (is_set(plane, y, x)) {
    let outline = loop_count(params.outline, lane);
    var inner = true;
    for (var dy = -outline; dy <= outline; dy++) {
      for (var dx = -outline; dx <= outline; dx++) {
        inner = inner & is_set(plane, y + dy, x + dx);
      }
    }
    cover = select(1.0, params.alpha, inner);
  }
  let gray = clamp(load_input(index), 0.0, 1.0);
  let mixed = vec3f(gray) * (1.0 - cover) + params.color * cover;
  store_output(index, mixed.x);
  store_output(index + count, mixed.y);
  store_output(index + 2u * count, mixed.z);
}
