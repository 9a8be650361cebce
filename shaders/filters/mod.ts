/**
 * Filters of images `[C, H, W]` and volumes `[C, D, H, W]`: called as `filter(r, image, options)`.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { bilateral } from "./bilateral/bilateral.ts";
import { bilateralCases } from "./bilateral/bilateral_cases.ts";
import { gaussian } from "./gaussian/gaussian.ts";
import { gaussianCases } from "./gaussian/gaussian_cases.ts";
import { mean } from "./mean/mean.ts";
import { meanCases } from "./mean/mean_cases.ts";
import { median } from "./median/median.ts";
import { medianCases } from "./median/median_cases.ts";

export { bilateral, type BilateralOptions, type ColorDistance } from "./bilateral/bilateral.ts";
export type { WindowShape } from "./bilateral/bilateral_window.ts";
export { gaussian, type GaussianOptions, type GaussianOrder } from "./gaussian/gaussian.ts";
export { mean, type MeanOptions } from "./mean/mean.ts";
export { median, type MedianOptions } from "./median/median.ts";
export type { Border, BorderOptions } from "./border.ts";
export type { PerAxis } from "./extents.ts";
export type { NoiseLevel } from "./noise_level.ts";

/** All filters with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: mean, cases: meanCases },
  { operation: gaussian, cases: gaussianCases },
  { operation: median, cases: medianCases },
  { operation: bilateral, cases: bilateralCases },
];
