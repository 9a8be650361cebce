import type { Then } from "../then.ts";

/** Options of a pooling. Lists have one entry a spatial axis. */
export interface PoolOptions {
  readonly kind: "max" | "average";
  /** Size of the window. */
  readonly kernel: readonly number[];
  /** Step between windows. Default 1 an axis. */
  readonly strides?: readonly number[];
  /** Positions before each axis. Default 0. */
  readonly padsBegin?: readonly number[];
  /** Positions after each axis. Default 0. */
  readonly padsEnd?: readonly number[];
  /** Distance between the window's positions. Default 1 an axis. */
  readonly dilations?: readonly number[];
  /** The last window may reach beyond the end. Default false. */
  readonly ceilMode: boolean;
  /** Positions of the pads count in an average. Default false. */
  readonly countIncludePad: boolean;
  /** What happens to the result before it is stored. */
  readonly then: Then;
}
