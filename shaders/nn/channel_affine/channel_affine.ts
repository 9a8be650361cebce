import type { Then } from "../then.ts";

/** Options of a channel-wise `x * scale + shift`. */
export interface ChannelAffineOptions {
  /** What happens to the result before it is stored. */
  readonly then: Then;
}
