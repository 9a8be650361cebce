// "Forgetful selection" of the median: of OPEN keys in question the least and the greatest are dropped in turn and one of
// REST others is taken in, until one is left. A page needs these constants and DONE, the rounds that it has done itself.

// `keys` after those rounds; the last of `rest` is never used.
fn selected(keys: array<vec4i, OPEN>, rest: array<vec4i, REST>) -> vec4i {
  var open = keys;
  var others = rest;
  // @unroll
  for (var s = DONE; s < REST; s++) {
    // Lesser ones to the front, greater ones to the back.
    // @unroll
    for (var i = 0; i < (OPEN - s) / 2; i++) {
      let low = min(open[i], open[OPEN - 1 - s - i]);
      open[OPEN - 1 - s - i] = max(open[i], open[OPEN - 1 - s - i]);
      open[i] = low;
    }
    // The least one to the first place.
    // @unroll
    for (var i = 1; i < (OPEN + 1 - s) / 2; i++) {
      let low = min(open[0], open[i]);
      open[i] = max(open[0], open[i]);
      open[0] = low;
    }
    // The greatest one to the last place.
    // @unroll
    for (var i = (OPEN - s) / 2; i < OPEN - 1 - s; i++) {
      let low = min(open[i], open[OPEN - 1 - s]);
      open[OPEN - 1 - s] = max(open[i], open[OPEN - 1 - s]);
      open[i] = low;
    }
    open[0] = others[s];
  }
  return open[1];
}
