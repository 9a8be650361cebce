/** What a reduction computes of the elements. */
export type ReduceKind =
  | "mean"
  | "sum"
  | "max"
  | "min"
  | "prod"
  | "sumSquare"
  | "l1"
  | "l2"
  | "logSum"
  | "logSumExp";

/** Options of a reduction. */
export interface ReduceOptions {
  readonly kind: ReduceKind;
  /** Axes to reduce, from -rank to rank - 1. Default all; an empty list reduces nothing. */
  readonly axes?: readonly number[];
  /** Reduced axes stay with size 1. Default true. */
  readonly keepDims: boolean;
}
