/**
 * Filters of images `[C, H, W]` and volumes `[C, D, H, W]`: called as `filter(r, image, options)`.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { deconvolve } from "./deconvolve/deconvolve.ts";
import { deconvolveCases } from "./deconvolve/deconvolve_cases.ts";
import { fourier } from "./fourier/fourier.ts";
import { fourierCases } from "./fourier/fourier_cases.ts";
import { gaborBank } from "./gabor_bank/gabor_bank.ts";
import { gaborBankCases } from "./gabor_bank/gabor_bank_cases.ts";
import { gaussian } from "./gaussian/gaussian.ts";
import { gaussianCases } from "./gaussian/gaussian_cases.ts";
import { inverseFourier } from "./inverse_fourier/inverse_fourier.ts";
import { inverseFourierCases } from "./inverse_fourier/inverse_fourier_cases.ts";
import { mean } from "./mean/mean.ts";
import { meanCases } from "./mean/mean_cases.ts";
import { median } from "./median/median.ts";
import { medianCases } from "./median/median_cases.ts";

export { deconvolve, type DeconvolveOptions } from "./deconvolve/deconvolve.ts";
export { fourier, type FourierOptions } from "./fourier/fourier.ts";
export { gaborBank, type GaborBankOptions } from "./gabor_bank/gabor_bank.ts";
export { gaussian, type GaussianOptions, type GaussianOrder } from "./gaussian/gaussian.ts";
export { inverseFourier, type InverseFourierOptions } from "./inverse_fourier/inverse_fourier.ts";
export { mean, type MeanOptions } from "./mean/mean.ts";
export { median, type MedianOptions } from "./median/median.ts";
export type { Border, BorderOptions } from "./border.ts";
export type { PerAxis } from "./extents.ts";

/** All filters with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: mean, cases: meanCases },
  { operation: gaussian, cases: gaussianCases },
  { operation: median, cases: medianCases },
  { operation: fourier, cases: fourierCases },
  { operation: inverseFourier, cases: inverseFourierCases },
  { operation: deconvolve, cases: deconvolveCases },
  { operation: gaborBank, cases: gaborBankCases },
];
