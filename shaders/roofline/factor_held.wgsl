// Each lane has its factor in a register.

fn next_held(held: real, lane: u32) -> real { return held; }

fn factor_of(held: real, step: u32) -> real { return held; }
