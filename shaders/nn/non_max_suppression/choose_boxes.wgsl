// Chooses among BLOCK boxes that follow each other in a line: one that still counts goes out where it overlaps a better
// one that stays. Each lane notes which boxes before its own overlap it, then one lane goes through them in their order.

const BLOCK = 256u; // @tune

struct Params { boxes: u32, begin: u32, limit: f32 }

var<workgroup> held: array<vec4f, BLOCK>;
var<workgroup> counts: array<u32, BLOCK>;
var<workgroup> before: array<u32, 2048>;
var<workgroup> stays: array<u32, 8>;

@compute @workgroup_size(BLOCK)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let line = flat_group(workgroup_id, num_workgroups);
  let place = params.begin + lane;
  let inside = (place < params.boxes) & (line < length_alive() / params.boxes);
  let index = select(0u, line * params.boxes + place, inside);
  let at = 4u * index;
  let own = vec4f(load_sorted(at), load_sorted(at + 1u), load_sorted(at + 2u), load_sorted(at + 3u));
  held[lane] = own;
  counts[lane] = select(0u, u32(load_alive(index)), inside);
  workgroupBarrier();
  for (var word = 0u; word < 8u; word++) {
    var bits = 0u;
    for (var bit = 0u; bit < 32u; bit++) {
      let other = 32u * word + bit;
      let out = (other < lane) & (counts[other] == 1u) & overlaps(own, held[other], params.limit);
      bits |= select(0u, 1u << bit, out);
    }
    before[8u * lane + word] = bits;
  }
  workgroupBarrier();
  if (lane == 0u) {
    for (var word = 0u; word < 8u; word++) { stays[word] = 0u; }
    for (var i = 0u; i < BLOCK; i++) {
      var against = 0u;
      for (var word = 0u; word < 8u; word++) { against |= before[8u * i + word] & stays[word]; }
      let chosen = (counts[i] == 1u) & (against == 0u);
      counts[i] = select(0u, 1u, chosen);
      stays[i / 32u] |= select(0u, 1u << (i & 31u), chosen);
    }
  }
  workgroupBarrier();
  if (inside) { store_alive(index, i32(counts[lane])); }
}
