// The Wiener-Hunt filter: conj(H) Y / (|H|^2 + balance |L|^2) for each frequency, 0 where the divisor is 0.

struct Params {
  // Frequencies of a row in the table.
  width: i32,
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
  let z = layer % params.depth;
  let y = load_spectrum(place.x, place.y, layer);
  let h = load_transfer(place.x, place.y, z % params.transfer_layers);
  // The Laplacian's transfer function is a sum over the axes.
  let x = u32(2 * place.x);
  let others = load_laplacian(u32(params.width + place.y)) + load_laplacian(u32(params.width + size.y + z));
  let laplacian = others + vec2f(load_laplacian(x), load_laplacian(x + 1u));
  let balance = load_balance(u32(layer / params.depth));
  let divisor = h.xy * h.xy + h.zw * h.zw + balance * laplacian * laplacian;
  let inverse = select(vec2f(), 1.0 / divisor, divisor > vec2f());
  let real = (h.xy * y.xy + h.zw * y.zw) * inverse;
  let imaginary = (h.xy * y.zw - h.zw * y.xy) * inverse;
  store_result(place.x, place.y, layer, vec4f(real, imaginary));
}
