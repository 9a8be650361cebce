// Coefficients that have no 0 beside them; the others become 0. Where an image is padded, those of its border are made of
// padding in part, and so are smaller than noise. An invocation makes a texel.

// Whether layers are slices of a volume, which lie beside each other as well.
override VOLUME: bool = false;

struct Params {
  width: i32,
  depth: i32,
}

// The least magnitude of each pixel of a texel and its neighbors along x; what is beyond the border is left out.
fn least_of(x: i32, y: i32, layer: i32) -> vec4f {
  let texel = abs(load_band(x, y, layer));
  let before = abs(load_band(max(x - 1, 0), y, layer));
  let after = abs(load_band(min(x + 1, (params.width - 1) / 4), y, layer));
  let first = vec4i(4 * x) + vec4i(0, 1, 2, 3);
  let left = select(vec4f(before.w, texel.xyz), texel, first == vec4i(0));
  let right = select(vec4f(texel.yzw, after.x), texel, first + 1 >= vec4i(params.width));
  return min(texel, min(left, right));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = size_result();
  let at = vec3i(id) + vec3i(0, 0, slab_begin());
  if (any(at.xy >= size.xy)) {
    return;
  }
  let z = at.z - at.z / params.depth * params.depth;
  let reach = select(0, 1, VOLUME);
  var least = vec4f(3.4028234e38);
  for (var dz = -reach; dz <= reach; dz++) {
    let layer = at.z - z + clamp(z + dz, 0, params.depth - 1);
    // @unroll
    for (var dy = -1; dy <= 1; dy++) {
      least = min(least, least_of(at.x, clamp(at.y + dy, 0, size.y - 1), layer));
    }
  }
  store_result(at.x, at.y, at.z, select(load_band(at.x, at.y, at.z), vec4f(), least == vec4f()));
}
