// Each lane of a workgroup has a run of the keys of a segment (those of one band and channel), each workgroup a block of 64
// runs. A page needs the bindings `segments` and `blocks`.

struct Run {
  // Where the numbers of the segment begin among those of all segments.
  segment: u32,
  // The segment's first key, and how many it has.
  start: u32,
  count: u32,
  // The run's keys, counted from the segment's first one.
  begin: u32,
  end: u32,
  // Where the table of counts has the run's first digit, and the step to its next one.
  slot: u32,
  lanes: u32,
}

fn run_of(block: u32, lane: u32) -> Run {
  let segment = 6u * load_blocks(2u * block);
  let count = load_segments(segment + 1u);
  let length = load_segments(segment + 2u);
  let lanes = 64u * load_segments(segment + 3u);
  let table = load_segments(segment + 4u);
  let place = 64u * load_blocks(2u * block + 1u) + lane;
  let begin = min(place * length, count);
  return Run(segment, load_segments(segment), count, begin, min(begin + length, count), table + place, lanes);
}
