// Boxes by their corners, whichever two opposite ones are given, or by center and size (x, y, width, height): least y and
// x, greatest y and x.
fn corners(a: f32, b: f32, c: f32, d: f32, center: bool) -> vec4f {
  let sides = vec4f(min(a, c), min(b, d), max(a, c), max(b, d));
  let around = vec4f(b - d / 2.0, a - c / 2.0, b + d / 2.0, a + c / 2.0);
  return select(sides, around, center);
}

// Whether the overlap of two boxes is more than `limit` of what they cover together.
fn overlaps(a: vec4f, b: vec4f, limit: f32) -> bool {
  let sides = min(a.zw, b.zw) - max(a.xy, b.xy);
  let shared_area = sides.x * sides.y;
  let area_a = (a.z - a.x) * (a.w - a.y);
  let area_b = (b.z - b.x) * (b.w - b.y);
  let covered = area_a + area_b - shared_area;
  let meet = (sides.x > 0.0) & (sides.y > 0.0) & (area_a > 0.0) & (area_b > 0.0) & (covered > 0.0);
  return meet & (shared_area / select(1.0, covered, meet) > limit);
}
