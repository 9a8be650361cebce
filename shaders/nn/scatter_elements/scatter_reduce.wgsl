// Each element of the result takes in all updates that go there, in their order. `count` of them are looked at from
// `first` on; the rest is left to further dispatches, which go on from the result.

const WORKGROUP = 64; // @tune
override FLOAT: u32 = 1u;
override UNSIGNED: u32 = 0u;
// 1 add, 2 multiply, 3 greatest, 4 least.
override KIND: u32 = 1u;

struct Params {
  rank: i32, axis: i32, axes: array<vec4i, 8>, size: i32,
  index_stride: i32, stride: i32, first: i32, count: i32, shift: u32, is_signed: u32
}

fn float_of(a: f32, b: f32) -> f32 {
  let extreme = select(min(a, b), max(a, b), KIND == 3u);
  let broken = (bitcast<u32>(b) & 0x7fffffffu) > 0x7f800000u;
  let known = (bitcast<u32>(a) & 0x7fffffffu) > 0x7f800000u;
  let ordered = select(select(extreme, b, broken), a, known);
  return select(select(ordered, a * b, KIND == 2u), a + b, KIND == 1u);
}

fn integer_of(a: i32, b: i32) -> i32 {
  let less = select(a < b, bitcast<u32>(a) < bitcast<u32>(b), UNSIGNED == 1u);
  let ordered = select(a, b, less == (KIND == 3u));
  let result = select(select(ordered, a * b, KIND == 2u), a + b, KIND == 1u);
  return wrap(result, params.shift, params.is_signed == 1u);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = flat_index(workgroup_id, num_workgroups, lane, WORKGROUP);
  if (index >= length_y()) { return; }
  let place = place_of(index);
  var word = load_data(index);
  if (place.w == 1) {
    let last = params.first + loop_count(params.count, lane);
    for (var i = params.first; i < last; i++) {
      let given = load_indices(u32(place.x + i * params.index_stride));
      if (select(given, given + params.size, given < 0) != place.z) { continue; }
      let update = load_updates(u32(place.y + i * params.stride));
      let float = bitcast<u32>(float_of(bitcast<f32>(word), bitcast<f32>(update)));
      let integer = bitcast<u32>(integer_of(bitcast<i32>(word), bitcast<i32>(update)));
      word = select(integer, float, FLOAT == 1u);
    }
  }
  store_y(index, word);
}
