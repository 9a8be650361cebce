// Rows of a channel's layers, shared out to workgroups of 64 lanes as `planReduction` (filters/passes/reduction.ts) has it:
// lanes are 2^columns texels wide and as many rows high as are left.

struct LaneShare {
  // The lane's first column, and the step to its next one.
  column: i32,
  column_step: i32,
  // Its first row of all layers' rows, and the step to its next one.
  row: i32,
  row_step: i32,
}

fn lane_share(group: u32, groups: u32, lane: u32, columns: u32) -> LaneShare {
  let wide = 1 << columns;
  let high = 64 >> columns;
  let row = i32(group) * high + i32(lane >> columns);
  return LaneShare(i32(lane) & (wide - 1), wide, row, i32(groups) * high);
}
