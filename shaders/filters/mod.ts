/**
 * Filters of images `[C, H, W]` and volumes `[C, D, H, W]`: called as `filter(r, image, options)`.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { dwt } from "./dwt/dwt.ts";
import { dwtCases } from "./dwt/dwt_cases.ts";
import { estimateSigma } from "./estimate_sigma/estimate_sigma.ts";
import { estimateSigmaCases } from "./estimate_sigma/estimate_sigma_cases.ts";
import { gaussian } from "./gaussian/gaussian.ts";
import { gaussianCases } from "./gaussian/gaussian_cases.ts";
import { idwt } from "./idwt/idwt.ts";
import { idwtCases } from "./idwt/idwt_cases.ts";
import { mean } from "./mean/mean.ts";
import { meanCases } from "./mean/mean_cases.ts";
import { median } from "./median/median.ts";
import { medianCases } from "./median/median_cases.ts";
import { wavelet } from "./wavelet/wavelet.ts";
import { waveletCases } from "./wavelet/wavelet_cases.ts";

export { dwt, type DwtOptions, type Transform } from "./dwt/dwt.ts";
export { estimateSigma, type EstimateSigmaOptions } from "./estimate_sigma/estimate_sigma.ts";
export { gaussian, type GaussianOptions, type GaussianOrder } from "./gaussian/gaussian.ts";
export { idwt, type IdwtOptions, type InverseTransform } from "./idwt/idwt.ts";
export { mean, type MeanOptions } from "./mean/mean.ts";
export { median, type MedianOptions } from "./median/median.ts";
export type { NoiseKind, NoiseLevel } from "./noise_level.ts";
export { wavelet, type WaveletOptions } from "./wavelet/wavelet.ts";
export type { ShrinkMethod } from "./wavelet/thresholds.ts";
export type { Wavelet } from "./wavelet/coefficients.ts";
export type { WaveletBorder } from "./dwt/bands.ts";
export type { Border, BorderOptions } from "./border.ts";
export type { PerAxis } from "./extents.ts";

/** All filters with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: mean, cases: meanCases },
  { operation: gaussian, cases: gaussianCases },
  { operation: median, cases: medianCases },
  { operation: dwt, cases: dwtCases },
  { operation: idwt, cases: idwtCases },
  { operation: estimateSigma, cases: estimateSigmaCases },
  { operation: wavelet, cases: waveletCases },
];
