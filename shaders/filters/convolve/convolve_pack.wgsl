// Lays a kernel out for `convolve`: a row of taps in the order in which pixels are read, after `lead` zeros and followed by
// zeros up to the table's width; rows of all slices, one after the other; one kernel per layer.

struct Params {
  // Slices, rows and taps of a kernel.
  count: vec3i,
  // Zeros before the first tap.
  lead: i32,
  // 1: the first tap is the last one of the kernel, along each axis.
  flip: i32,
}

fn tap(x: i32, row: i32, kernel: i32) -> f32 {
  let at = x - params.lead;
  let inside = (at >= 0) & (at < params.count.z);
  let size = params.count.x * params.count.y * params.count.z;
  let place = row * params.count.z + clamp(at, 0, params.count.z - 1);
  let source = select(place, size - 1 - place, params.flip == 1);
  return select(0.0, load_kernel(u32(kernel * size + source)), inside);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at >= size_table())) {
    return;
  }
  let x = 4 * at.x;
  store_table(
    at.x, at.y, at.z,
    vec4f(tap(x, at.y, at.z), tap(x + 1, at.y, at.z), tap(x + 2, at.y, at.z), tap(x + 3, at.y, at.z)),
  );
}
