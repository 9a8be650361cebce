/** Options of a broadcast. */
export interface ExpandOptions {
  /** Shape to broadcast with, as NumPy does: axes of size 1 may be either's. */
  readonly shape: readonly number[];
}
