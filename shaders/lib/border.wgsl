// Where a pixel beyond the border comes from, for indices within 2^20 of the image. A rule is made by `borderRule`
// (filters/border.ts): the least and the greatest index that count, the period, and the sum of an index and its image.

fn border_source(index: i32, rule: vec4i) -> i32 {
  let held = clamp(index, rule.x, rule.y);
  // The half keeps the quotient away from whole numbers, so that a division rounded down can't change the period.
  let turned = held - rule.z * i32(floor((f32(held) + 0.5) / f32(rule.z)));
  return min(turned, rule.w - turned);
}

// Whether the constant stands for the pixel: `fill` is 1 for the border "constant" and 0 for the others.
fn border_fills(index: i32, count: i32, fill: i32) -> bool {
  return (fill == 1) & ((index < 0) | (index >= count));
}
