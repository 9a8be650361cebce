import { z } from "npm:zod@4.6.7";
import type { Spec } from "../../contract.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";

/**
 * What stands beyond the border of a transform, by PyWavelets' names:
 * - `symmetric`: d c b a | a b c d | d c b a. An axis of n pixels has `floor((n + taps - 1) / 2)` coefficients.
 * - `periodization`: a b c d | a b c d | a b c d, after the last pixel of an odd number is repeated once. An axis has
 *   `ceil(n / 2)` coefficients.
 */
export type WaveletBorder = "symmetric" | "periodization";

/** The option `border` of a schema. */
export const waveletBorderOption: z.ZodType<WaveletBorder> = z.enum(["symmetric", "periodization"]).default("symmetric")
  .describe("What stands beyond the border, as in PyWavelets");

/** Most levels: each halves the axes as far as the border allows. */
const mostLevels = 24;

/** The option `levels` of a schema, without a default. */
export const levelsOption: z.ZodType<number> = z.int().min(1).max(mostLevels);

/** The number of coefficients of an axis of `count` pixels. */
export function coefficientCount(count: number, taps: number, border: WaveletBorder): number {
  if (count === 0) return 0;
  return border === "symmetric" ? Math.floor((count + taps - 1) / 2) : Math.ceil(count / 2);
}

/** The number of pixels that `count` coefficients of an axis make, one more than there were where that was odd. */
export function pixelCount(count: number, taps: number, border: WaveletBorder): number {
  if (count === 0) return 0;
  return border === "symmetric" ? 2 * count - taps + 2 : 2 * count;
}

/** The greatest level of which the coarsest coefficients aren't all spoiled by the border, as PyWavelets has it. */
export function greatestLevel(extents: Extents, taps: number): number {
  const shortest = Math.min(...extents.axes.map((axis) => countAlong(extents, axis)));
  return shortest < taps - 1 || shortest === 0 ? 0 : Math.floor(Math.log2(shortest / (taps - 1)));
}

/** Extents with another number of pixels along an axis. */
export function withCount(extents: Extents, axis: Axis, count: number): Extents {
  return { ...extents, [axis === "x" ? "width" : axis === "y" ? "height" : "depth"]: count };
}

/** The extents of the coefficients of one level. */
export function coefficientExtents(extents: Extents, taps: number, border: WaveletBorder): Extents {
  return extents.axes.reduce(
    (at, axis) => withCount(at, axis, coefficientCount(countAlong(at, axis), taps, border)),
    extents,
  );
}

/** Type and shape of an image or of coefficients of these extents. */
export function specOf({ channels, depth, height, width, spatial }: Extents): Spec {
  const shape = spatial.length === 3 ? [channels, depth, height, width] : [channels, height, width];
  return { dtype: "f32", shape };
}

/**
 * The details of a level in their order, a letter for each axis: `a` is low-pass, `d` high-pass. In 2-D as PyWavelets'
 * horizontal, vertical and diagonal ones.
 */
export function detailNames(axes: readonly Axis[]): string[] {
  return axes.length === 2 ? ["da", "ad", "dd"] : ["aad", "ada", "add", "daa", "dad", "dda", "ddd"];
}
