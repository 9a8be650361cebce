// Where an element of the result lies in up to three inputs. A page that lists this has in its Params
// `rank: i32, axes: array<vec4i, 8>`: for each axis, the last one first, its size and its stride in each input.

// The rank where a dispatch says it, so that compilers expand the loop; 0 where only the params do.
override RANK: i32 = 0;

fn offsets_of(index: i32) -> vec3i {
  var rest = index;
  var offsets = vec3i();
  let last = select(RANK - 1, loop_count(params.rank - 1, u32(index)), RANK == 0);
  for (var i = 0; i < last; i++) {
    let axis = params.axes[i];
    let quotient = rest / axis.x;
    offsets += (rest - quotient * axis.x) * axis.yzw;
    rest = quotient;
  }
  return offsets + rest * params.axes[last].yzw;
}
