import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { extentsOf } from "../extents.ts";
import type { NoiseKind } from "../noise_level.ts";
import { diagonalAxes, recordDiagonal } from "./diagonal.ts";
import { estimateSigmaTwin, normalMedian } from "./estimate_sigma_twin.ts";
import { recordMedian } from "./median_magnitude.ts";
import { recordRician } from "./rician.ts";

/** Options of {@linkcode estimateSigma}. */
export interface EstimateSigmaOptions {
  /** How the noise is distributed. Default `gaussian`. */
  noise: NoiseKind;
}

/**
 * Standard deviation of the noise of each channel, f32 `[C]`, in the image's unit.
 *
 * - `gaussian`: the median of the magnitudes of the finest diagonal wavelet coefficients (db2, border symmetric,
 *   high-pass along every axis of more than one pixel) divided by 0.6745 (D. Donoho, I. Johnstone, Biometrika 81,
 *   1994). As in scikit-image's `estimate_sigma`, coefficients of exactly 0 don't count: padding and clipped
 *   background. Neither do those beside one, which are made of padding in part: at 128 x 128 pixels they make the level
 *   3 to 5 % smaller.
 * - `rician`: of MR magnitudes, where noise without signal follows Rayleigh's distribution. The mode of local means in
 *   the background times `sqrt(2 / pi)` (S. Aja-Fernandez, A. Tristan-Vega, C. Alberola-Lopez, Magn. Reson. Imaging 27,
 *   2009): of means of 4 x 6 pixels without a 0 and with a variance that noise may have, by mean shift from the densest
 *   one within 0.75 to 1.75 times the Gaussian estimate, which the background makes smaller than the level, down to
 *   0.66 of it. Where the mean square of the windows found isn't Rayleigh's, or they are fewer than 5 % of those
 *   without padding, there is no background: the Gaussian estimate stands, which is right where the signal exceeds 3
 *   times the noise. On phantoms with background within 2 %; a background that has a signal of half the noise level
 *   gives 6 % too much.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32, each channel for itself. A constant image, a single
 *   pixel and an empty one give 0.
 * - Complexity: 4 multiply-adds per pixel and axis, then 10 passes over the coefficients, of which there are a quarter
 *   as many as pixels in 2-D and an eighth in 3-D.
 * - Bound: 1e-6 of each level. The median itself is exact; sums of four products are within 4e-7.
 *
 * @example
 * ```ts ignore
 * const sigma = engine.run((r) => filters.estimateSigma(r, image));
 * ```
 */
export const estimateSigma: Filter<EstimateSigmaOptions> = defineOperation<EstimateSigmaOptions>({
  name: "estimateSigma",
  options: optionsOf(z.strictObject({
    noise: z.enum(["gaussian", "rician"]).default("gaussian").describe("How the noise is distributed"),
  })),
  outputs: ([image]) => {
    extentsOf("estimateSigma", image, false);
    return [{ dtype: "f32", shape: [image.shape[0]] }];
  },
  cost: ([image]) => {
    const axes = diagonalAxes(extentsOf("estimateSigma", image, false)).length;
    const size = sizeOf(image.shape);
    // A comparison for each of a coefficient's bits, at the least.
    return { bytes: 4 * size, flops: 8 * axes * size + 31 * size / 2 ** axes };
  },
  record: (r, [image], { noise }) => {
    const extents = extentsOf("estimateSigma", image, false);
    const channels = image.shape[0];
    if (sizeOf(image.shape) === 0 || diagonalAxes(extents).length === 0) {
      return [r.constant(new Float32Array(channels), [channels])];
    }
    const diagonal = recordDiagonal(r, image, extents);
    const gaussian = recordMedian(r, diagonal.band, diagonal.extents, 1 / normalMedian);
    return [noise === "gaussian" ? gaussian : recordRician(r, image, extents, gaussian)];
  },
  twin: estimateSigmaTwin,
  bound: 1e-6,
  scale: "element",
});
