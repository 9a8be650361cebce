/** Options of a softmax. */
export interface SoftmaxOptions {
  /** The axis whose elements add up to 1, from -rank to rank - 1. Default -1. */
  readonly axis: number;
  /** Gives the logarithm. Default false. */
  readonly log: boolean;
}
