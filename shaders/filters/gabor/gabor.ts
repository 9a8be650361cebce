import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter, type Spec } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { borderOption, type BorderOptions, cvalOption } from "../border.ts";
import { checkIterations } from "../convolve/record.ts";
import { extentsOf, slicewiseOption } from "../extents.ts";
import { gaborShape } from "./gabor_kernel.ts";
import { gaborTwin } from "./gabor_twin.ts";
import { isSeparable, kernelSize, recordDense, recordSeparable } from "./record.ts";

/** Options of {@linkcode gabor}. */
export interface GaborOptions extends BorderOptions {
  /** Cycles per pixel; several make a bank. */
  frequency: number | readonly number[];
  /** In 2-D: the wave's direction in radians, from the x axis toward the y axis; several make a bank. Default 0. */
  theta?: number | readonly number[];
  /** In 3-D: the wave's direction `[z, y, x]`, of any length but 0; several make a bank. Default `[0, 0, 1]`, along x. */
  direction?: readonly number[] | readonly (readonly number[])[];
  /** Width of the passband in octaves, which gives the envelope where `sigmaPx` isn't given. Default 1. */
  bandwidth: number;
  /** Standard deviation of the envelope in pixels: one number, or along and across the wave. */
  sigmaPx?: number | readonly number[];
  /** Radius in standard deviations at which the kernel ends. Default 3. */
  nStds: number;
  /** Phase of the wave at the center, in radians. Default 0. */
  offset: number;
  /** Which part of the complex response is given. Default `real`. */
  part: GaborPart;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

/** A part of the complex response: `magnitude` is that of the real and the imaginary part together. */
export type GaborPart = "real" | "imaginary" | "magnitude";

const oneOrMore = (one: z.ZodType<number>, expected: string) =>
  z.union([one, z.array(one).min(1).max(256)], { error: `expected ${expected}, or 1 to 256 of them` });
const sigma = z.number().positive();
const vector = z.array(z.number()).length(3);

const schema: z.ZodType<GaborOptions> = z.strictObject({
  frequency: oneOrMore(z.number().min(0), "a number >=0").describe("Cycles per pixel; several make a bank"),
  theta: oneOrMore(z.number(), "a number").optional()
    .describe("In 2-D: the wave's direction in radians, from the x axis toward the y axis; several make a bank"),
  direction: z.union([vector, z.array(vector).min(1).max(256)]).optional()
    .describe("In 3-D: the wave's direction [z, y, x]; several make a bank"),
  bandwidth: z.number().positive().default(1).describe("Width of the passband in octaves, where sigmaPx isn't given"),
  sigmaPx: z.union([sigma, z.array(sigma).length(2)]).optional()
    .describe("Standard deviation of the envelope in pixels: one number, or along and across the wave"),
  nStds: z.number().positive().default(3).describe("Radius in standard deviations at which the kernel ends"),
  offset: z.number().default(0).describe("Phase of the wave at the center, in radians"),
  part: z.enum(["real", "imaginary", "magnitude"]).default("real").describe("Part of the complex response"),
  border: borderOption,
  cval: cvalOption,
  slicewise: slicewiseOption,
});

/**
 * Gabor filter: a Gaussian envelope times a plane wave, which responds to one frequency and direction; or a bank of
 * them.
 *
 * - Source: D. Gabor, Theory of communication, 1946; J. G. Daugman, Two-dimensional spectral analysis of cortical
 *   receptive field profiles, Vision Research 20, 1980. Kernel, radii and parts as scikit-image's `gabor`, see
 *   `gaborKernel`: the kernel is rotated by half a turn (convolution) and isn't corrected to sum 0, so that the real
 *   part lets the mean through.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range; the output has the same unit. A bank
 *   has each direction at each frequency, the frequencies outermost: with F filters the output has `C * F` channels,
 *   filter f of channel c as channel `c * F + f`.
 * - Border: as in scipy (see `Border`); kernels larger than the image wrap around as often as needed.
 * - Complexity: kernels of a round envelope, or along an axis, are products of kernels of the axes: some `2 w + 2 h`
 *   multiply-adds per pixel for a part in 2-D (twice for the magnitude), `2 w + 4 h + 2 d` in 3-D, and filters with the
 *   same wave along x share its pass. Other kernels take their area or volume. A bank of a volume writes all of its
 *   filters into one tensor, which can't be cut where it exceeds both textures and what a buffer binds: run such
 *   filters one by one.
 * - Bound: 8e-6 of the greatest response: f32 sums of rounded weights, whose absolute sum is about 1, are within 1e-8
 *   of the pixels, of which the response to what is smooth keeps a thousandth.
 *
 * @example
 * ```ts ignore
 * const theta = [0, 1, 2, 3].map((k) => k * Math.PI / 4);
 * const texture = engine.run((r) => filters.gabor(r, image, { frequency: [0.1, 0.2], theta, part: "magnitude" }));
 * ```
 */
export const gabor: Filter<GaborOptions> = defineOperation<GaborOptions>({
  name: "gabor",
  options: optionsOf(schema),
  outputs: ([image], options) => {
    const shapes = gaborFilters(image, options).map(gaborShape);
    for (const shape of shapes) {
      if (!isSeparable(shape)) checkIterations("gabor", [1, ...kernelSize(shape.radii)], true);
    }
    return [{ dtype: "f32", shape: [image.shape[0] * shapes.length, ...image.shape.slice(1)] }];
  },
  cost: ([image], options) => {
    const shapes = gaborFilters(image, options).map(gaborShape);
    const pixels = sizeOf(image.shape);
    const parts = options.part === "magnitude" ? 2 : 1;
    const taps = shapes.reduce((sum, shape) => {
      const sizes = shape.radii.map((radius) => 2 * radius + 1);
      if (!isSeparable(shape)) return sum + parts * sizeOf(sizes);
      return sum + sizes.reduce((all, size, axis) => all + size * (axis === 0 ? 2 * parts : axis === 1 ? 4 : 2), 0);
    }, 0);
    return { bytes: 4 * pixels * (1 + shapes.length), flops: 2 * taps * pixels };
  },
  forms: { separable: { serves: ([image], options) => hasSeparable(image, options) }, dense: {} },
  choose: ([image], options) => hasSeparable(image, options) ? "separable" : "dense",
  record: (r, [image], options, form) => {
    const extents = extentsOf("gabor", image, options.slicewise);
    const shapes = gaborFilters(image, options).map(gaborShape);
    const result = r.temporary({ dtype: "f32", shape: [image.shape[0] * shapes.length, ...image.shape.slice(1)] });
    if (sizeOf(result.shape) === 0) return [result];
    const filters = shapes.map((shape, index) => ({
      shape,
      target: {
        result,
        first: index * extents.depth,
        channel: shapes.length * extents.depth,
        slice: 1,
        kernel: 0,
      },
    }));
    // Those of the bank whose kernel isn't a product are dense in either form.
    const separable = filters.filter(({ shape }) => form === "separable" && isSeparable(shape));
    recordSeparable(r, image, extents, options, separable);
    recordDense(r, image, extents, options, filters.filter((filter) => !separable.includes(filter)));
    return [result];
  },
  twin: gaborTwin,
  bound: 8e-6,
});

/** Whether any kernel of the bank is a product. */
const hasSeparable = (image: Spec, options: GaborOptions): boolean =>
  gaborFilters(image, options).some((filter) => isSeparable(gaborShape(filter)));

/** One filter of the bank. */
export interface GaborFilter {
  readonly frequency: number;
  readonly theta?: number;
  readonly direction?: readonly number[];
  readonly bandwidth: number;
  readonly sigmaPx?: number | readonly number[];
  readonly nStds: number;
  readonly offset: number;
}

/** The filters that options stand for, in the order of the output; throws where the direction doesn't fit the axes. */
export function gaborFilters(image: Spec, options: GaborOptions): GaborFilter[] {
  const { theta, direction, bandwidth, sigmaPx, nStds, offset } = options;
  const flat = extentsOf("gabor", image, options.slicewise).axes.length === 2;
  if (flat && direction !== undefined) {
    throw new RangeError("gabor got a direction, which is for 3-D: give theta in 2-D");
  }
  if (!flat && theta !== undefined) {
    throw new RangeError("gabor got theta, which is for 2-D: give a direction [z, y, x] in 3-D, or slicewise");
  }
  const orientations = flat
    ? [theta ?? 0].flat().map((one) => ({ theta: one as number }))
    : vectors(direction ?? [0, 0, 1]).map((one) => ({ direction: one }));
  return [options.frequency].flat().flatMap((frequency) =>
    orientations.map((orientation) => ({
      frequency: frequency as number,
      ...orientation,
      bandwidth,
      sigmaPx,
      nStds,
      offset,
    }))
  );
}

function vectors(direction: NonNullable<GaborOptions["direction"]>): (readonly number[])[] {
  return typeof direction[0] === "number" ? [direction as readonly number[]] : [...direction as readonly number[][]];
}
