/** Options of a concatenation. */
export interface ConcatOptions {
  /** The axis along which the inputs follow each other, from -rank to rank - 1. */
  readonly axis: number;
}
