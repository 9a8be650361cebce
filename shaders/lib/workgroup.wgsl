// Sums and greatest values over a workgroup of 64: over eights, then over the eight results, by every lane for itself. The
// order is fixed, so that the same inputs give the same bits; a tree would take three times the barriers, which are what
// costs on SwiftShader. All 64 lanes must call.

var<workgroup> shared_floats: array<vec4f, 64>;
var<workgroup> shared_counts: array<vec4u, 64>;

fn workgroup_sum(lane: u32, value: vec4f) -> vec4f {
  shared_floats[lane] = value;
  workgroupBarrier();
  var part = vec4f(0.0);
  // @unroll
  for (var i = 0u; i < 8u; i++) {
    part = part + shared_floats[(lane & 56u) + i];
  }
  workgroupBarrier();
  shared_floats[lane] = part;
  workgroupBarrier();
  var total = vec4f(0.0);
  // @unroll
  for (var i = 0u; i < 8u; i++) {
    total = total + shared_floats[8u * i];
  }
  workgroupBarrier();
  return total;
}

fn workgroup_max(lane: u32, value: vec4f) -> vec4f {
  shared_floats[lane] = value;
  workgroupBarrier();
  var part = value;
  // @unroll
  for (var i = 0u; i < 8u; i++) {
    part = max(part, shared_floats[(lane & 56u) + i]);
  }
  workgroupBarrier();
  shared_floats[lane] = part;
  workgroupBarrier();
  var greatest = value;
  // @unroll
  for (var i = 0u; i < 8u; i++) {
    greatest = max(greatest, shared_floats[8u * i]);
  }
  workgroupBarrier();
  return greatest;
}

fn workgroup_count(lane: u32, value: vec4u) -> vec4u {
  shared_counts[lane] = value;
  workgroupBarrier();
  var part = vec4u(0u);
  // @unroll
  for (var i = 0u; i < 8u; i++) {
    part = part + shared_counts[(lane & 56u) + i];
  }
  workgroupBarrier();
  shared_counts[lane] = part;
  workgroupBarrier();
  var total = vec4u(0u);
  // @unroll
  for (var i = 0u; i < 8u; i++) {
    total = total + shared_counts[8u * i];
  }
  workgroupBarrier();
  return total;
}
