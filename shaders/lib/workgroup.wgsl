// Sums and greatest values over a workgroup of 64. Every lane gets the result; the order is fixed, so that the same
// inputs give the same bits. All 64 lanes must call.

var<workgroup> shared_floats: array<vec4f, 64>;
var<workgroup> shared_counts: array<vec4u, 64>;

fn workgroup_sum(lane: u32, value: vec4f) -> vec4f {
  var sum = value;
  for (var step = 1u; step < 64u; step *= 2u) {
    shared_floats[lane] = sum;
    workgroupBarrier();
    sum += shared_floats[lane ^ step];
    workgroupBarrier();
  }
  return sum;
}

fn workgroup_max(lane: u32, value: vec4f) -> vec4f {
  var greatest = value;
  for (var step = 1u; step < 64u; step *= 2u) {
    shared_floats[lane] = greatest;
    workgroupBarrier();
    greatest = max(greatest, shared_floats[lane ^ step]);
    workgroupBarrier();
  }
  return greatest;
}

fn workgroup_count(lane: u32, value: vec4u) -> vec4u {
  var sum = value;
  for (var step = 1u; step < 64u; step *= 2u) {
    shared_counts[lane] = sum;
    workgroupBarrier();
    sum += shared_counts[lane ^ step];
    workgroupBarrier();
  }
  return sum;
}
