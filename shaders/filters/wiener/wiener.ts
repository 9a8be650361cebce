import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter, type Page, type Spec } from "../../contract.ts";
import { tiles as tilesLib } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { borderOption, type BorderOptions, cvalOption } from "../border.ts";
import { extentsOf, forAxes, type PerAxis, perAxisOption, slicewiseOption } from "../extents.ts";
import { recordChannelMean } from "../passes/channel_mean/channel_mean.ts";
import { recordLocalMoments } from "../passes/local_moments/local_moments.ts";
import { checkNoiseInput, type NoiseLevel, noiseLevel, noiseLevelSchema } from "../noise_level.ts";
import { groupsOver, overLayers } from "../tiles.ts";
import { wienerTwin } from "./wiener_twin.ts";
import text from "./wiener.wgsl" with { type: "text" };

/** Options of {@linkcode wiener}. */
export interface WienerOptions extends BorderOptions {
  /** The window has `2 * radius + 1` pixels; one, or one for each axis. Default 1. */
  radius: PerAxis;
  /** Variance of the noise, in the square of the image's unit. At most one of this and `sigma`. */
  noisePower?: number;
  /** Standard deviation of the noise, or `auto`. Without either, the power is the mean of the local variances. */
  sigma?: NoiseLevel;
  /** Filter the slices of a volume one by one, in 2-D; the noise is that of the whole volume. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<WienerOptions> = z.strictObject({
  radius: perAxisOption(z.int().min(0).max(500)).default(1)
    .describe("The window has 2 * radius + 1 pixels; one, or one for each axis, at most 500"),
  noisePower: z.number().min(0).optional().describe("Variance of the noise, in the square of the image's unit"),
  sigma: noiseLevelSchema.optional(),
  border: borderOption,
  cval: cvalOption,
  slicewise: slicewiseOption,
}).superRefine(({ noisePower, sigma }, context) => {
  if (noisePower !== undefined && sigma !== undefined) {
    context.addIssue({ code: "custom", message: "give at most one of noisePower and sigma" });
  }
});

const rows4 = (name: string) => ({ name, access: "read", layout: "rows4" }) as const;

const page: Page = definePage({
  name: "wiener",
  file: import.meta.resolve("./wiener.wgsl"),
  text,
  libs: [tilesLib],
  bindings: [
    rows4("image"),
    rows4("mean"),
    rows4("variance"),
    { name: "noise", access: "read", layout: "linear" },
    { name: "result", access: "write", layout: "rows4" },
  ],
});

/**
 * Local adaptive Wiener filter: `mean + max(0, 1 - noise / variance) (pixel - mean)` with mean and variance in a
 * window.
 *
 * - Source: J. S. Lim, Two-Dimensional Signal and Image Processing, Prentice Hall, 1990, p. 548, as
 *   `scipy.signal.wiener`: population variance, and without a given noise the mean of the local variances over the
 *   channel. Where the variance is not above the noise the result is the mean; so too where both are 0, where scipy
 *   gives NaN.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 whose differences stay below 1e18; a second input may
 *   give the standard deviation of the noise as f32 `[C]`. The output has the image's unit. NaN and infinite pixels
 *   make their neighborhood undefined, and without a given noise the whole channel.
 * - Border: `reflect`, which adds no zeros and so leaves the mean of the image alone. scipy's is `constant` with 0,
 *   where windows are not cut off and the zeros count.
 * - Complexity: some `4 (2 radius + 1)` multiply-adds per pixel and axis.
 * - Bound: 3e-6 of the greatest pixel. Variances come from differences to the window's center, so that nothing cancels
 *   however far the image lies from 0 (CT in HU): within `1e-7 (2 radius + 1)` of themselves at worst, which is
 *   Samuelson's inequality for a window that is flat except for its center, and within 1e-6 in images.
 *
 * @example
 * ```ts ignore
 * const clean = engine.run((r) => filters.wiener(r, image, { radius: 2, sigma: 20 }));
 * ```
 */
export const wiener: Filter<WienerOptions> = defineOperation<WienerOptions>({
  name: "wiener",
  options: optionsOf(schema),
  outputs: ([image, sigma], options) => {
    wienerAxes(image, options);
    checkNoiseInput("wiener", image, sigma);
    if (sigma !== undefined && (options.noisePower !== undefined || options.sigma !== undefined)) {
      throw new RangeError("wiener got the noise as a second input and as an option: give one of them");
    }
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const size = sizeOf(image.shape);
    // Running sums of pixels and of squares, and the result.
    return { bytes: 8 * size, flops: (4 * wienerAxes(image, options).axes.length + 8) * size };
  },
  record: (r, [image, sigma], options) => {
    const { extents, axes } = wienerAxes(image, options);
    const result = r.temporary({ dtype: "f32", shape: image.shape });
    if (sizeOf(image.shape) === 0) return [result];
    const { mean, variance } = recordLocalMoments(r, image, extents, axes, options);
    const isDeviation = sigma !== undefined || options.sigma !== undefined;
    const noise = isDeviation
      ? noiseLevel(r, sigma === undefined ? [image] : [image, sigma], options.sigma ?? "auto")
      : options.noisePower === undefined
      ? recordChannelMean(r, variance, extents)
      : r.constant(new Float32Array(extents.channels).fill(options.noisePower), [extents.channels]);
    const { channels, depth, height, width } = extents;
    const { shift, groups } = groupsOver(Math.ceil(width / 4), Math.ceil(height / rowsOfInvocation));
    r.dispatch(page, {
      bind: { image, mean, variance, noise, result },
      params: { depth, is_deviation: Number(isDeviation), shift },
      iterations: 0,
      ...overLayers(groups, channels * depth, { whole: ["noise"] }),
    });
    return [result];
  },
  twin: wienerTwin,
  bound: 3e-6,
});

/** Rows that an invocation makes: ROWS of the page. */
const rowsOfInvocation = 4;
function wienerAxes(image: Spec, options: WienerOptions) {
  const extents = extentsOf("wiener", image, options.slicewise);
  const radii = forAxes("radius", options.radius, extents.axes);
  const axes = extents.axes.map((axis, index) => {
    const size = 2 * radii[index] + 1;
    return { axis, kernel: { weights: new Float64Array(size).fill(1 / size), first: -radii[index] } };
  });
  return { extents, axes };
}
