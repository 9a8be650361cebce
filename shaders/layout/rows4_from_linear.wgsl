// Row-major elements to texels of four pixels of a row.

struct Params { width: i32 }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_result();
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size.xy)) { return; }
  let row = u32((at.z * size.y + at.y) * params.width);
  let last = params.width - 1;
  let x = vec4u(min(at.x * 4 + vec4i(0, 1, 2, 3), vec4i(last)));
  let value = vec4f(
    load_image(row + x.x), load_image(row + x.y), load_image(row + x.z), load_image(row + x.w));
  store_result(at.x, at.y, at.z, value);
}
