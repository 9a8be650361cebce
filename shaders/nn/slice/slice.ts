/** Options of a slice. Lists have one entry an axis (all axes). */
export interface SliceOptions {
  /** First index, from 0 to size - 1 (anything where the result's size is 0). */
  readonly starts: readonly number[];
  /** Distance between the elements taken; negative goes backward. Default 1 an axis. */
  readonly steps?: readonly number[];
  /** Size of the result. */
  readonly sizes: readonly number[];
}
