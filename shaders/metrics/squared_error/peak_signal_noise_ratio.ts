import { z } from "npm:zod@4.6.7";
import type { Value } from "../../contract.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { optionsOf } from "../../options.ts";
import { recordErrorScore, scoreCost, scoreOutput } from "./squared_error.ts";
import { peakSignalNoiseRatioTwin } from "./squared_error_twin.ts";

/** Options of {@linkcode peakSignalNoiseRatio}. */
export interface PeakSignalNoiseRatioOptions {
  /** Distance between the least and the greatest value that an image can have. Default 1. */
  dataRange: number;
}

/**
 * `peakSignalNoiseRatio(r, reference, test, options)`: `10 log10(dataRange^2 / meanSquaredError)` in decibels, as f32
 * `[1]`. Equal images have no error: the ratio is Infinity.
 *
 * - Source: `skimage.metrics.peak_signal_noise_ratio`. NaN of images without pixels.
 * - Input: two images of one shape, f32 of any shape, in the unit of `dataRange`. Squares must lie within f32.
 * - Complexity: one pass, reduced in two levels in a fixed order: the same images give the same bits.
 * - Bound: 1e-6 of the ratio: a relative error of the mean squared error of 5e-6 is 2e-5 dB.
 */
export const peakSignalNoiseRatio: Callable<[reference: Value, test: Value], PeakSignalNoiseRatioOptions> =
  defineCallable<[reference: Value, test: Value], PeakSignalNoiseRatioOptions>(2, {
    name: "peakSignalNoiseRatio",
    options: optionsOf(z.strictObject({
      dataRange: z.number().positive().max(1e18).default(1).describe(
        "Distance between the least and the greatest value that an image can have",
      ),
    })),
    outputs: (inputs) => scoreOutput("peakSignalNoiseRatio", inputs),
    cost: scoreCost,
    record: (r, inputs, { dataRange }) => recordErrorScore(r, inputs, "decibels", dataRange),
    twin: peakSignalNoiseRatioTwin,
    bound: 1e-6,
  });
