/**
 * Filters of images `[C, H, W]` and volumes `[C, D, H, W]`: called as `filter(r, image, options)`.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { anisotropic } from "./anisotropic/anisotropic.ts";
import { anisotropicCases } from "./anisotropic/anisotropic_cases.ts";
import { gaussian } from "./gaussian/gaussian.ts";
import { gaussianCases } from "./gaussian/gaussian_cases.ts";
import { mean } from "./mean/mean.ts";
import { meanCases } from "./mean/mean_cases.ts";
import { median } from "./median/median.ts";
import { medianCases } from "./median/median_cases.ts";
import { maskedError } from "./self_supervision/masked_error.ts";
import { maskPixels } from "./self_supervision/mask_pixels.ts";
import { maskedErrorCases, maskPixelsCases } from "./self_supervision/self_supervision_cases.ts";

export { anisotropic, type AnisotropicOptions } from "./anisotropic/anisotropic.ts";
export { gaussian, type GaussianOptions, type GaussianOrder } from "./gaussian/gaussian.ts";
export { mean, type MeanOptions } from "./mean/mean.ts";
export { median, type MedianOptions } from "./median/median.ts";
export { maskedError } from "./self_supervision/masked_error.ts";
export { maskPixels } from "./self_supervision/mask_pixels.ts";
export type { MaskOptions } from "./self_supervision/grid.ts";
export type { Border, BorderOptions } from "./border.ts";
export type { NoiseLevel } from "./noise_level.ts";
export type { PerAxis } from "./extents.ts";

/** All filters with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: mean, cases: meanCases },
  { operation: gaussian, cases: gaussianCases },
  { operation: median, cases: medianCases },
  { operation: anisotropic, cases: anisotropicCases },
  { operation: maskPixels, cases: maskPixelsCases },
  { operation: maskedError, cases: maskedErrorCases },
];
