import { z } from "npm:zod@4.6.7";
import type { Value } from "../../contract.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { optionsOf } from "../../options.ts";
import { recordErrorScore, scoreCost, scoreOutput } from "./squared_error.ts";
import { meanSquaredErrorTwin } from "./squared_error_twin.ts";

/** `meanSquaredError` has no options. */
export type MeanSquaredErrorOptions = Record<never, never>;

/**
 * `meanSquaredError(r, reference, test)`: the mean of the squared differences of two images of one shape, as f32 `[1]`.
 *
 * - Source: `skimage.metrics.mean_squared_error`. NaN of images without pixels.
 * - Input: f32 of any shape and range; its unit squared comes out. Squares must lie within f32: differences below 1e19.
 * - Complexity: one pass, reduced in two levels in a fixed order: the same images give the same bits.
 * - Bound: 1e-6, relative to the score itself 5e-6 at most up to 10^8 pixels: no sum has more than some 60 terms in
 *   turn, and the differences are taken before the squares.
 *
 * @example
 * ```ts ignore
 * const error = engine.run((r) => metrics.meanSquaredError(r, clean, denoised));
 * ```
 */
export const meanSquaredError: Callable<[reference: Value, test: Value], MeanSquaredErrorOptions> = defineCallable<
  [reference: Value, test: Value],
  MeanSquaredErrorOptions
>(2, {
  name: "meanSquaredError",
  options: optionsOf(z.strictObject({})),
  outputs: (inputs) => scoreOutput("meanSquaredError", inputs),
  cost: scoreCost,
  record: (r, inputs) => recordErrorScore(r, inputs, "mean"),
  twin: meanSquaredErrorTwin,
  bound: 1e-6,
});
