// Joins each set pixel with the set ones among its neighbors of smaller index. Parents only ever decrease, so that the
// root of a finished component is its smallest index.

const STEPS = 7000u; // @tune

struct Params {
  // depth, height, width
  size: vec3i,
  connectivity: i32,
  round: u32,
}

var<private> steps: u32 = 0u;

// The root of a pixel's tree, halving the way to it; less than the root where the steps are used up.
fn root(start: u32) -> u32 {
  var at = start;
  loop {
    let parent = atomicLoad(&labels[at]) - 1u;
    let next = atomicLoad(&labels[parent]) - 1u;
    atomicMin(&labels[at], next + 1u);
    at = next;
    steps += 1u;
    continuing {
      break if (next == parent) | (steps >= STEPS);
    }
  }
  return at;
}

// Links the greater root to the smaller one. Where another invocation has linked it meanwhile, goes on with its parent.
fn join(a: u32, b: u32) {
  var one = a;
  var other = b;
  loop {
    one = root(one);
    other = root(other);
    let high = max(one, other);
    let low = min(one, other);
    let before = atomicMin(&labels[high], low + 1u) - 1u;
    one = before;
    other = low;
    continuing {
      break if (before == high) | (steps >= STEPS);
    }
  }
}

fn label_at(z: i32, y: i32, x: i32) -> u32 {
  let at = vec3i(z, y, x);
  let near = clamp(at, vec3i(0), params.size - 1);
  let label = atomicLoad(&labels[u32((near.x * params.size.y + near.y) * params.size.z + near.z)]);
  return select(0u, label, all(at == near));
}

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // Each round but the first runs only where the one before has met its bound.
  if ((params.round > 0u) & (atomicLoad(&unfinished[max(params.round, 1u) - 1u]) == 0u)) {
    return;
  }
  let first = flat_group(group, groups) * 512u + lane;
  for (var k = 0u; k < 8u; k++) {
    let index = first + 64u * k;
    if (index >= length_labels()) {
      break;
    }
    if (atomicLoad(&labels[index]) != 0u) {
      let row = i32(index) / params.size.z;
      let x = i32(index) - row * params.size.z;
      let z = row / params.size.y;
      let y = row - z * params.size.y;
      // the 13 neighbors before the pixel: 9 of the slice before, 3 of the row before, 1 of its row
      for (var n = 0u; n < 13u; n++) {
        let away = vec3i(vec3u(n / 9u, n / 3u % 3u, n % 3u)) - 1;
        if (dot(away, away) <= params.connectivity) {
          if (label_at(z + away.x, y + away.y, x + away.z) != 0u) {
            join(index, u32(((z + away.x) * params.size.y + y + away.y) * params.size.z + x + away.z));
          }
        }
      }
    }
  }
  if (steps >= STEPS) {
    atomicStore(&unfinished[params.round], 1u);
  }
}
