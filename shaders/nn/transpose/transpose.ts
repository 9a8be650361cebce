/** Options of a transposition. */
export interface TransposeOptions {
  /** Axis of the input for each axis of the result. Default: reversed. */
  readonly permutation?: readonly number[];
}
