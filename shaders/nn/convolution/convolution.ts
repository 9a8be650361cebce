import type { Then } from "../then.ts";

/** Options of a convolution. Lists have one entry a spatial axis. */
export interface ConvolutionOptions {
  /** Step between outputs. Default 1 an axis. */
  readonly strides?: readonly number[];
  /** Zeros before each axis. Default 0. */
  readonly padsBegin?: readonly number[];
  /** Zeros after each axis. Default 0. */
  readonly padsEnd?: readonly number[];
  /** Distance between taps. Default 1 an axis. */
  readonly dilations?: readonly number[];
  /** Groups of channels that are convolved apart. Default 1. */
  readonly groups: number;
  /** What happens to the result before it is stored. */
  readonly then: Then;
}
