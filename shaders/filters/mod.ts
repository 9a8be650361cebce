/**
 * Filters of images `[C, H, W]` and volumes `[C, D, H, W]`: called as `filter(r, image, options)`. Their results for
 * NaN and infinite pixels are undefined.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { anisotropic } from "./anisotropic/anisotropic.ts";
import { anisotropicCases } from "./anisotropic/anisotropic_cases.ts";
import { bilateral } from "./bilateral/bilateral.ts";
import { bilateralCases } from "./bilateral/bilateral_cases.ts";
import { convolve } from "./convolve/convolve.ts";
import { convolveCases } from "./convolve/convolve_cases.ts";
import { deconvolve } from "./deconvolve/deconvolve.ts";
import { deconvolveCases } from "./deconvolve/deconvolve_cases.ts";
import { dwt } from "./dwt/dwt.ts";
import { dwtCases } from "./dwt/dwt_cases.ts";
import { estimateSigma } from "./estimate_sigma/estimate_sigma.ts";
import { estimateSigmaCases } from "./estimate_sigma/estimate_sigma_cases.ts";
import { fourier } from "./fourier/fourier.ts";
import { fourierCases } from "./fourier/fourier_cases.ts";
import { gabor } from "./gabor/gabor.ts";
import { gaborCases } from "./gabor/gabor_cases.ts";
import { gaborBank } from "./gabor_bank/gabor_bank.ts";
import { gaborBankCases } from "./gabor_bank/gabor_bank_cases.ts";
import { gaussian } from "./gaussian/gaussian.ts";
import { gaussianCases } from "./gaussian/gaussian_cases.ts";
import { idwt } from "./idwt/idwt.ts";
import { idwtCases } from "./idwt/idwt_cases.ts";
import { inverseFourier } from "./inverse_fourier/inverse_fourier.ts";
import { inverseFourierCases } from "./inverse_fourier/inverse_fourier_cases.ts";
import { mean } from "./mean/mean.ts";
import { meanCases } from "./mean/mean_cases.ts";
import { median } from "./median/median.ts";
import { medianCases } from "./median/median_cases.ts";
import { nlm } from "./nlm/nlm.ts";
import { nlmCases } from "./nlm/nlm_cases.ts";
import { richardsonLucy } from "./richardson_lucy/richardson_lucy.ts";
import { richardsonLucyCases } from "./richardson_lucy/richardson_lucy_cases.ts";
import { maskPixels } from "./self_supervision/mask_pixels.ts";
import { maskedError } from "./self_supervision/masked_error.ts";
import { maskedErrorCases, maskPixelsCases } from "./self_supervision/self_supervision_cases.ts";
import { wavelet } from "./wavelet/wavelet.ts";
import { waveletCases } from "./wavelet/wavelet_cases.ts";
import { wiener } from "./wiener/wiener.ts";
import { wienerCases } from "./wiener/wiener_cases.ts";

export type { Callable } from "../call.ts";
export type { TestedOperation } from "../cases.ts";
export { anisotropic, type AnisotropicOptions } from "./anisotropic/anisotropic.ts";
export { bilateral, type BilateralOptions, type ColorDistance } from "./bilateral/bilateral.ts";
export type { WindowShape } from "./bilateral/bilateral_window.ts";
export type { Border, BorderOptions } from "./border.ts";
export { convolve, type ConvolveOptions } from "./convolve/convolve.ts";
export { deconvolve, type DeconvolveOptions } from "./deconvolve/deconvolve.ts";
export type { WaveletBorder } from "./dwt/bands.ts";
export { dwt, type DwtOptions, type Transform } from "./dwt/dwt.ts";
export { estimateSigma, type EstimateSigmaOptions } from "./estimate_sigma/estimate_sigma.ts";
export type { PerAxis } from "./extents.ts";
export { fourier, type FourierOptions } from "./fourier/fourier.ts";
export { gabor, type GaborOptions, type GaborPart } from "./gabor/gabor.ts";
export { type GaborKernel, gaborKernel, type GaborKernelOptions, gaborSigma } from "./gabor/gabor_kernel.ts";
export { gaborBank, type GaborBankOptions } from "./gabor_bank/gabor_bank.ts";
export { gaussian, type GaussianOptions, type GaussianOrder } from "./gaussian/gaussian.ts";
export { idwt, type IdwtOptions, type InverseTransform } from "./idwt/idwt.ts";
export { inverseFourier, type InverseFourierOptions } from "./inverse_fourier/inverse_fourier.ts";
export { mean, type MeanOptions } from "./mean/mean.ts";
export { median, type MedianOptions } from "./median/median.ts";
export { nlm, type NlmOptions } from "./nlm/nlm.ts";
export type { NoiseKind, NoiseLevel } from "./noise_level.ts";
export { richardsonLucy, type RichardsonLucyOptions } from "./richardson_lucy/richardson_lucy.ts";
export type { MaskOptions } from "./self_supervision/grid.ts";
export { maskPixels } from "./self_supervision/mask_pixels.ts";
export { maskedError } from "./self_supervision/masked_error.ts";
export type { Wavelet } from "./wavelet/coefficients.ts";
export type { ShrinkMethod } from "./wavelet/thresholds.ts";
export { wavelet, type WaveletOptions } from "./wavelet/wavelet.ts";
export { wiener, type WienerOptions } from "./wiener/wiener.ts";

/** All filters with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: anisotropic, cases: anisotropicCases },
  { operation: bilateral, cases: bilateralCases },
  { operation: convolve, cases: convolveCases },
  { operation: deconvolve, cases: deconvolveCases },
  { operation: dwt, cases: dwtCases },
  { operation: estimateSigma, cases: estimateSigmaCases },
  { operation: fourier, cases: fourierCases },
  { operation: gabor, cases: gaborCases },
  { operation: gaborBank, cases: gaborBankCases },
  { operation: gaussian, cases: gaussianCases },
  { operation: idwt, cases: idwtCases },
  { operation: inverseFourier, cases: inverseFourierCases },
  { operation: maskedError, cases: maskedErrorCases },
  { operation: maskPixels, cases: maskPixelsCases },
  { operation: mean, cases: meanCases },
  { operation: median, cases: medianCases },
  { operation: nlm, cases: nlmCases },
  { operation: richardsonLucy, cases: richardsonLucyCases },
  { operation: wavelet, cases: waveletCases },
  { operation: wiener, cases: wienerCases },
];
