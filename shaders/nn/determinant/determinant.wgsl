// One column of an elimination: one matrix an invocation.

const WORKGROUP = 64; // @tune

struct Params { size: u32, column: u32, matrices: u32 }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= params.matrices) { return; }
  let size = loop_count_u(params.size, lane);
  let start = index * params.size * params.size;
  let column = params.column;
  if (column == 0u) {
    for (var i = 0u; i < size; i++) {
      for (var j = 0u; j < size; j++) { store_rows(start + i * size + j, load_x(start + i * size + j)); }
    }
  }
  var pivot = column;
  for (var i = column; i < size; i++) {
    let greater = abs(load_rows(start + i * size + column)) > abs(load_rows(start + pivot * size + column));
    pivot = select(pivot, i, greater);
  }
  for (var j = column; j < size; j++) {
    let upper = load_rows(start + column * size + j);
    store_rows(start + column * size + j, load_rows(start + pivot * size + j));
    if (pivot != column) { store_rows(start + pivot * size + j, upper); }
  }
  let value = load_rows(start + column * size + column);
  var result = 1.0;
  if (column > 0u) { result = load_y(index); }
  store_y(index, result * select(value, -value, pivot != column));
  if (value == 0.0) { return; }
  for (var i = column + 1u; i < size; i++) {
    let factor = load_rows(start + i * size + column) / value;
    for (var j = column; j < size; j++) {
      let place = start + i * size + j;
      store_rows(place, load_rows(place) - factor * load_rows(start + column * size + j));
    }
  }
}
