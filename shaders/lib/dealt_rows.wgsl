// Rows of a channel's layers, dealt out to workgroups of 64 lanes as `planReduction` (filters/reduction.ts) has it: lanes are
// 2^columns texels wide and as many rows high as are left.

struct DealtRows {
  // The lane's first column, and the step to its next one.
  column: i32,
  wide: i32,
  // Its first row of all layers' rows, and the step to its next one.
  row: i32,
  high: i32,
}

fn dealt_rows(group: u32, groups: u32, lane: u32, columns: u32) -> DealtRows {
  let wide = 1 << columns;
  let high = 64 >> columns;
  let row = i32(group) * high + i32(lane >> columns);
  return DealtRows(i32(lane) & (wide - 1), wide, row, i32(groups) * high);
}
