import { z } from "npm:zod@4.6.7";
import type { Spec, Value } from "../../contract.ts";
import { countAlong, type Extents, extentsOf, slicewiseOption } from "../../filters/extents.ts";
import { gaussianKernel } from "../../filters/gaussian/gaussian_kernel.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { scoreOutput } from "../squared_error/squared_error.ts";
import { recordSimilarity } from "./record_similarity.ts";
import { structuralSimilarityTwin } from "./structural_similarity_twin.ts";

/** Options of {@linkcode structuralSimilarity}. */
export interface StructuralSimilarityOptions {
  /** Distance between the least and the greatest value that an image can have. Default 1. */
  dataRange: number;
  /** Weights of the pixels of a window. Default `uniform`. */
  window: "gaussian" | "uniform";
  /** Pixels along each axis of a `uniform` window, odd. Default 7. */
  size: number;
  /** Standard deviation of a `gaussian` window in pixels. Default 1.5. */
  sigma: number;
  /** Radius of a `gaussian` window in standard deviations. Default 3.5. */
  truncate: number;
  /** Divide variances by one less than the pixels of a window, as samples' are. Default true. */
  useSampleCovariance: boolean;
  /** The constant beside the means is `(K1 * dataRange)^2`. Default 0.01. */
  K1: number;
  /** The constant beside the variances is `(K2 * dataRange)^2`. Default 0.03. */
  K2: number;
  /** Compare the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<StructuralSimilarityOptions> = z.strictObject({
  dataRange: z.number().positive().max(1e18).default(1).describe(
    "Distance between the least and the greatest value that an image can have",
  ),
  window: z.enum(["gaussian", "uniform"]).default("uniform").describe("Weights of the pixels of a window"),
  size: z.int().min(3).max(9999).refine((size) => size % 2 === 1, "it must be odd").default(7).describe(
    "Pixels along each axis of a uniform window, odd",
  ),
  sigma: z.number().positive().max(1000).default(1.5).describe("Standard deviation of a gaussian window in pixels"),
  truncate: z.number().positive().max(10).default(3.5).describe("Radius of a gaussian window in standard deviations"),
  useSampleCovariance: z.boolean().default(true).describe("Divide variances by one less than the pixels of a window"),
  K1: z.number().min(0).default(0.01).describe("The constant beside the means is (K1 * dataRange)^2"),
  K2: z.number().min(0).default(0.03).describe("The constant beside the variances is (K2 * dataRange)^2"),
  slicewise: slicewiseOption,
});

/**
 * `structuralSimilarity(r, reference, test, options)`: the mean structural similarity (SSIM) of two images, as f32 `[1]`;
 * 1 for equal ones. Channels are compared one by one and averaged.
 *
 * - Source: Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13(4), 2004, as
 *   `skimage.metrics.structural_similarity` has it; Wang's own is `{ window: "gaussian", useSampleCovariance: false }`.
 * - Input: two images `[C, H, W]` or volumes `[C, D, H, W]` of one shape, f32 in the unit of `dataRange`.
 * - Border: only windows inside the image count, so that nothing beyond it matters. Images smaller than the window are
 *   refused.
 * - Complexity: ten multiply-adds a tap, axis and pixel. Volumes go in runs of slices: besides the images it takes some
 *   150 MB at 512 x 512. Reduced in two levels in a fixed order: the same images give the same bits.
 * - Bound: 2e-6: variances are made of differences to a pixel of the window, not of a difference of means of squares, so
 *   that they keep their digits where the images' values are large and their changes small. Undefined where both
 *   constants are 0 and a window has no variance.
 *
 * @example
 * ```ts ignore
 * const options = { window: "gaussian", useSampleCovariance: false } as const;
 * const ssim = engine.run((r) => metrics.structuralSimilarity(r, clean, denoised, options));
 * ```
 */
export const structuralSimilarity: Callable<[reference: Value, test: Value], StructuralSimilarityOptions> =
  defineCallable<[reference: Value, test: Value], StructuralSimilarityOptions>(2, {
    name: "structuralSimilarity",
    options: optionsOf(schema),
    outputs: (inputs, options) => {
      windowsOf(inputs[0], options);
      return scoreOutput("structuralSimilarity", inputs);
    },
    cost: ([reference], options) => {
      const { extents, weights } = windowsOf(reference, options);
      const size = sizeOf(reference.shape);
      return { bytes: 8 * size, flops: 10 * weights.length * extents.axes.length * size };
    },
    record: (r, inputs, options) => {
      const { extents, weights } = windowsOf(inputs[0], options);
      if (extents.channels === 0) return [r.constant(Float32Array.of(NaN), [1])];
      const samples = weights.length ** extents.axes.length;
      const constants = {
        norm: options.useSampleCovariance ? samples / (samples - 1) : 1,
        c1: (options.K1 * options.dataRange) ** 2,
        c2: (options.K2 * options.dataRange) ** 2,
      };
      return [recordSimilarity(r, inputs, extents, weights, constants)];
    },
    twin: structuralSimilarityTwin,
    bound: 2e-6,
  });

/** The image's axes and the window's weights along each; throws where the image is smaller than the window. */
function windowsOf(image: Spec, options: StructuralSimilarityOptions): { extents: Extents; weights: Float64Array } {
  const extents = extentsOf("structuralSimilarity", image, options.slicewise);
  const { window, size, sigma, truncate } = options;
  const weights = window === "gaussian"
    ? gaussianKernel(sigma, 0, truncate).weights
    : new Float64Array(size).fill(1 / size);
  if (weights.length === 1) {
    throw new RangeError(
      `structuralSimilarity got sigma ${sigma} and truncate ${truncate}, a window of one pixel: it needs 3 at least`,
    );
  }
  const small = extents.axes.find((axis) => countAlong(extents, axis) < weights.length);
  if (small !== undefined) {
    throw new RangeError(
      `structuralSimilarity has a window of ${weights.length} pixels, but the image has ${
        countAlong(extents, small)
      } along ${small}: take a smaller ${window === "gaussian" ? "sigma" : "size"}${
        small === "z" ? ", or slicewise" : ""
      }`,
    );
  }
  return { extents, weights };
}
