// Sum of the squares of each block of sorted magnitudes.

var<workgroup> sums: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = flat_group(group, groups);
  if (2u * block >= length_blocks()) {
    return;
  }
  let run = run_of(block, lane);
  var sum = vec2f();
  for (var i = run.begin; i < run.end; i++) {
    let value = bitcast<f32>(load_sorted(run.start + i));
    sum = double_add(sum, double_product(value, value));
  }
  sums[lane] = sum;
  workgroupBarrier();
  var before = vec2f();
  for (var i = 0u; i < lane; i++) {
    before = double_add(before, sums[i]);
  }
  // Of each lane: the sum of the lanes before it, then of the whole block.
  let slot = 2u * (65u * block + lane);
  store_sums(slot, before.x);
  store_sums(slot + 1u, before.y);
  if (lane == 63u) {
    let block_sum = double_add(before, sum);
    store_sums(slot + 2u, block_sum.x);
    store_sums(slot + 3u, block_sum.y);
  }
}
