// The Wiener-Hunt filter: conj(H) Y / (|H|^2 + balance |L|^2) for each frequency, 0 where the divisor is 0. A texel holds two
// frequencies along y.

struct Params {
  // Frequencies along y in the table.
  height: i32,
  depth: i32,
  // Layers of the transfer function: 1 where slices are filtered one by one.
  transfer_layers: i32,
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let place = flat_place(group, groups, lane, size_spectrum().x);
  let size = size_spectrum();
  if (place.y >= size.y) {
    return;
  }
  let layer = i32(group.z) + slab_begin();
  let z = layer - layer / params.depth * params.depth;
  let y = load_spectrum(place.x, place.y, layer);
  let h = load_transfer(place.x, place.y, min(z, params.transfer_layers - 1));
  // The Laplacian's transfer function is a sum over the axes.
  let others = load_laplacian(u32(params.height + place.x)) + load_laplacian(u32(params.height + size.x + z));
  let row = u32(2 * place.y);
  let laplacian = others + vec2f(load_laplacian(row), load_laplacian(row + 1u));
  let balance = load_balance(u32(layer / params.depth));
  let divisor = h.xy * h.xy + h.zw * h.zw + balance * laplacian * laplacian;
  let inverse = select(vec2f(), 1.0 / divisor, divisor > vec2f());
  let real = (h.xy * y.xy + h.zw * y.zw) * inverse;
  let imaginary = (h.xy * y.zw - h.zw * y.xy) * inverse;
  store_result(place.x, place.y, layer, vec4f(real, imaginary));
}
