// Where an element stands in up to two other arrays (x, y), its position along the axis of the scattering (z), and whether
// it is within the second one (w is 1). Params have `rank: i32, axis: i32, axes: array<vec4i, 8>`: for each axis, the last
// one first, its size, its stride in each array, and the size of the second one along it.
fn place_of(index: u32) -> vec4i {
  var rest = i32(index);
  var place = vec4i(0, 0, 0, 1);
  let last = loop_count(params.rank, index);
  for (var i = 0; i < last; i++) {
    let axis = params.axes[i];
    let quotient = rest / axis.x;
    let at = rest - quotient * axis.x;
    place += vec4i(at * axis.y, at * axis.z, select(0, at, i == params.axis), 0);
    place.w = select(place.w, 0, at >= axis.w);
    rest = quotient;
  }
  return place;
}
