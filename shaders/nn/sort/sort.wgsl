// Bitonic sort of lines of pairs of a key and an index, ascending; no two pairs are equal, so that there is one order. The
// lines are powers of two long and follow each other. A workgroup holds CHUNK pairs: it sorts them by itself, or finishes
// a merge whose longer strides were done before.

const LANES = 256u; // @tune
const CHUNK = 512u; // @tune
override MERGES: u32 = 0u;

struct Params { size: u32, merge: u32 }

var<workgroup> keys: array<u32, CHUNK>;
var<workgroup> places: array<u32, CHUNK>;

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(num_workgroups) num_workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let begin = flat_group(workgroup_id, num_workgroups) * CHUNK;
  for (var i = lane; i < CHUNK; i += LANES) {
    let inside = begin + i < length_pairs() / 2u;
    keys[i] = select(0u, load_pairs(2u * select(0u, begin + i, inside)), inside);
    places[i] = select(0u, load_pairs(2u * select(0u, begin + i, inside) + 1u), inside);
  }
  workgroupBarrier();
  for (var merge = select(2u, CHUNK, MERGES == 1u); merge <= CHUNK; merge <<= 1u) {
    for (var stride = merge >> 1u; stride > 0u; stride >>= 1u) {
      let low = 2u * lane - (lane & (stride - 1u));
      let high = low + stride;
      let span = select(merge, params.merge, MERGES == 1u);
      let falling = ((begin + low) & (params.size - 1u) & span) != 0u;
      let later = (keys[low] > keys[high]) | ((keys[low] == keys[high]) & (places[low] > places[high]));
      if ((later != falling) & (merge <= params.size)) {
        let key = keys[low];
        let place = places[low];
        keys[low] = keys[high];
        places[low] = places[high];
        keys[high] = key;
        places[high] = place;
      }
      workgroupBarrier();
    }
  }
  for (var i = lane; i < CHUNK; i += LANES) {
    if (begin + i < length_pairs() / 2u) {
      store_pairs(2u * (begin + i), keys[i]);
      store_pairs(2u * (begin + i) + 1u, places[i]);
    }
  }
}
