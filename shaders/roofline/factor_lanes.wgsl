// Four lanes hand their factors round, another one at each step; they change places so that none is known before.

fn next_held(held: real, lane: u32) -> real { return subgroupShuffle(held, (lane + 1u) & 3u); }

fn factor_of(held: real, step: u32) -> real { return subgroupShuffle(held, step & 3u); }
