import type { ConvolutionOptions } from "../convolution/convolution.ts";

/** Options of a transposed convolution. Lists have one entry a spatial axis; pads are cut from the result. */
export interface ConvolutionTransposeOptions extends ConvolutionOptions {
  /** Rows that the result has beyond its end. Default 0. */
  readonly outputPadding?: readonly number[];
}
