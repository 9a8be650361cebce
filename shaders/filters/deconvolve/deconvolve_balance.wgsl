// Second level: adds up the sums of 64 workgroups and looks for the balance of the greatest likelihood among the 16. The
// logarithm's slope is the mean of t weighted by |Y|^2 u, less the mean of t; summed up it gives the likelihood from one
// balance to the next. The next range reaches from the best one's neighbor to the other; the zero of the slope within it
// is the balance.

var<workgroup> totals: array<f32, 64>;

fn ratio(a: f32, b: f32) -> f32 {
  return select(0.0, a / max(b, 1e-37), b > 0.0);
}

// Slope at one of the balances, from the sums.
fn slope(i: i32) -> f32 {
  return ratio(totals[i], totals[16 + i]) - ratio(totals[32 + i], totals[48]);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var total = 0.0;
  let held = min(lane, 51u);
  for (var i = 0u; i < 64u; i++) {
    total += load_partial((group.x * 64u + i) * 52u + held);
  }
  totals[lane] = total;
  workgroupBarrier();
  if (lane > 0u) {
    return;
  }
  var best = 0;
  var least = 0.0;
  var sum = 0.0;
  for (var i = 1; i < 16; i++) {
    sum += 0.5 * (slope(i - 1) + slope(i));
    best = select(best, i, sum < least);
    least = min(least, sum);
  }
  let low = load_range(2u * group.x);
  let step = load_range(2u * group.x + 1u);
  let before = max(best - 1, 0);
  let after = min(best + 1, 15);
  store_next(2u * group.x, low + step * f32(before));
  store_next(2u * group.x + 1u, step * f32(after - before) / 15.0);

  // The zero lies after the best one where the likelihood still rises there, else before it.
  let first = select(before, best, slope(best) < 0.0);
  let second = min(first + 1, 15);
  let begin = slope(first);
  let rise = slope(second) - begin;
  let part = clamp(ratio(-begin, rise), 0.0, 1.0);
  store_balance(group.x, exp2(low + step * (f32(first) + part * f32(second - first))));
}
