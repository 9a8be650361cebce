import type { Then } from "../then.ts";

/** Options of `alpha * A B + beta * C`. */
export interface GemmOptions {
  /** A is given as [K, M]. Default false. */
  readonly transposeA: boolean;
  /** B is given as [N, K]. Default false. */
  readonly transposeB: boolean;
  /** Factor of A B. Default 1. */
  readonly alpha: number;
  /** Factor of C. Default 1. */
  readonly beta: number;
  /** What happens to the result before it is stored. */
  readonly then: Then;
}
