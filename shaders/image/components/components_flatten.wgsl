// Points each set pixel at its root.

const STEPS = 7000u; // @tune

struct Params {
  round: u32,
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
  var steps = 0u;
  let first = flat_group(group, groups) * 512u + lane;
  for (var k = 0u; k < 8u; k++) {
    let index = first + 64u * k;
    if (index >= length_labels()) {
      break;
    }
    var label = atomicLoad(&labels[index]);
    if (label != 0u) {
      loop {
        let next = atomicLoad(&labels[label - 1u]);
        let done = (next == label) | (steps >= STEPS);
        label = next;
        steps += 1u;
        continuing {
          break if done;
        }
      }
      atomicMin(&labels[index], label);
    }
  }
  if (steps >= STEPS) {
    atomicStore(&unfinished[params.round], 1u);
  }
}
