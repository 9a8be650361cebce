import { z } from "npm:zod@4.6.7";
import type { Value } from "../../contract.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { optionsOf } from "../../options.ts";
import type { Score } from "../score.ts";
import { recordErrorScore, scoreCost, scoreOutput } from "./squared_error.ts";
import { normalizedRootMseTwin } from "./squared_error_twin.ts";

/** What the root mean squared error is divided by: the reference's root mean square, its range, or its mean. */
export type Normalization = "euclidean" | "minmax" | "mean";

/** Options of {@linkcode normalizedRootMse}. */
export interface NormalizedRootMseOptions {
  /** What of the reference the error is divided by. Default `euclidean`. */
  normalization: Normalization;
}

const scores: Readonly<Record<Normalization, Score>> = {
  euclidean: "overRootMeanSquare",
  minmax: "overRange",
  mean: "overMean",
};

/**
 * `normalizedRootMse(r, reference, test, options)`: the root of the mean squared error over the reference's root mean
 * square (`euclidean`), its greatest less its least value (`minmax`) or its mean (`mean`), as f32 `[1]`.
 *
 * - Source: `skimage.metrics.normalized_root_mse`. NaN of images without pixels; undefined where the divisor is 0.
 * - Input: two images of one shape, f32 of any shape and range; the result has no unit. Squares must lie within f32.
 * - Complexity: one pass, reduced in two levels in a fixed order: the same images give the same bits.
 * - Bound: 8e-7, relative to the score itself 1e-5 at most up to 10^8 pixels, as for `meanSquaredError`; with `mean` a
 *   reference whose values cancel out loses as many digits as they do.
 */
export const normalizedRootMse: Callable<[reference: Value, test: Value], NormalizedRootMseOptions> = defineCallable<
  [reference: Value, test: Value],
  NormalizedRootMseOptions
>(2, {
  name: "normalizedRootMse",
  options: optionsOf(z.strictObject({
    normalization: z.enum(["euclidean", "minmax", "mean"]).default("euclidean").describe(
      "What the error is divided by: the reference's root mean square, its range, or its mean",
    ),
  })),
  outputs: (inputs) => scoreOutput("normalizedRootMse", inputs),
  cost: scoreCost,
  record: (r, inputs, { normalization }) => recordErrorScore(r, inputs, scores[normalization]),
  twin: normalizedRootMseTwin,
  // Reached: 1.3e-7.
  bound: 8e-7,
});
