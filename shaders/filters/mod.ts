/**
 * Filters of images `[C, H, W]` and volumes `[C, D, H, W]`: called as `filter(r, image, options)`.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { convolve } from "./convolve/convolve.ts";
import { convolveCases } from "./convolve/convolve_cases.ts";
import { gabor } from "./gabor/gabor.ts";
import { gaborCases } from "./gabor/gabor_cases.ts";
import { gaussian } from "./gaussian/gaussian.ts";
import { gaussianCases } from "./gaussian/gaussian_cases.ts";
import { mean } from "./mean/mean.ts";
import { meanCases } from "./mean/mean_cases.ts";
import { median } from "./median/median.ts";
import { medianCases } from "./median/median_cases.ts";
import { richardsonLucy } from "./richardson_lucy/richardson_lucy.ts";
import { richardsonLucyCases } from "./richardson_lucy/richardson_lucy_cases.ts";
import { wiener } from "./wiener/wiener.ts";
import { wienerCases } from "./wiener/wiener_cases.ts";

export { convolve, type ConvolveOptions } from "./convolve/convolve.ts";
export { gabor, type GaborOptions, type GaborPart } from "./gabor/gabor.ts";
export { type GaborKernel, gaborKernel, type GaborKernelOptions, gaborSigma } from "./gabor/gabor_kernel.ts";
export { gaussian, type GaussianOptions, type GaussianOrder } from "./gaussian/gaussian.ts";
export { mean, type MeanOptions } from "./mean/mean.ts";
export { median, type MedianOptions } from "./median/median.ts";
export { richardsonLucy, type RichardsonLucyOptions } from "./richardson_lucy/richardson_lucy.ts";
export { wiener, type WienerOptions } from "./wiener/wiener.ts";
export type { Border, BorderOptions } from "./border.ts";
export type { NoiseLevel } from "./noise_level.ts";
export type { PerAxis } from "./extents.ts";

/** All filters with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: mean, cases: meanCases },
  { operation: gaussian, cases: gaussianCases },
  { operation: median, cases: medianCases },
  { operation: convolve, cases: convolveCases },
  { operation: gabor, cases: gaborCases },
  { operation: wiener, cases: wienerCases },
  { operation: richardsonLucy, cases: richardsonLucyCases },
];
