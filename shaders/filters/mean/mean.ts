import { z } from "zod";
import { sizeOf } from "../../cases.ts";
import { defineOperation, type Filter, type Spec, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { borderOption, type BorderOptions, cvalOption } from "../border.ts";
import { extentsOf, forAxes, type PerAxis, perAxisOption, slicewiseOption } from "../extents.ts";
import { convolveAxis, type Kernel } from "../separable/separable.ts";
import { meanTwin } from "./mean_twin.ts";

/** Options of {@linkcode mean}. */
export interface MeanOptions extends BorderOptions {
  /** The window has `2 * radius + 1` pixels; one or one an axis. Default 1. */
  radius: PerAxis;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<MeanOptions> = z.strictObject({
  radius: perAxisOption(z.int().min(0).max(1_000_000)).default(1)
    .describe("The window has 2 * radius + 1 pixels; one or one an axis"),
  border: borderOption,
  cval: cvalOption,
  slicewise: slicewiseOption,
});

/**
 * Mean of the pixels in a window.
 *
 * - Source: `scipy.ndimage.uniform_filter` with odd sizes.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range; the output has the same unit.
 * - Border: as scipy (see `Border`); windows larger than the image go around as often as needed.
 * - Complexity: `2 * radius + 1` multiply-adds a pixel and axis, never more than twice the axis' length.
 * - Bound: 1e-6 of the greatest value: two or three passes of f32 sums, each within 3e-7 (sums go by turns and blocks),
 *   and rounded weights.
 *
 * @example
 * ```ts ignore
 * const smooth = engine.run((r) => filters.mean(r, image, { radius: 2 }));
 * ```
 */
export const mean: Filter<MeanOptions> = defineOperation<MeanOptions>({
  name: "mean",
  options: optionsOf(schema),
  outputs: ([image], options) => {
    meanPasses(image, options);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const size = sizeOf(image.shape);
    // Running sums need one addition and one subtraction a pixel and axis.
    return { bytes: 8 * size, flops: 2 * meanPasses(image, options).length * size };
  },
  record: (r, [image], options) => {
    const extents = extentsOf("mean", image, options.slicewise);
    if (sizeOf(image.shape) === 0) return [r.temporary({ dtype: "f32", shape: image.shape })];
    return [
      meanPasses(image, options).reduce<Value>(
        (value, { axis, radius }) => convolveAxis(r, value, extents, axis, meanKernel(radius), options),
        image,
      ),
    ];
  },
  twin: meanTwin,
  bound: 1e-6,
});

/** The axes to be filtered: those with a radius above 0, at least one. */
function meanPasses(image: Spec, options: MeanOptions) {
  const { axes } = extentsOf("mean", image, options.slicewise);
  const radii = forAxes("radius", options.radius, axes);
  const passes = axes.map((axis, index) => ({ axis, radius: radii[index] }));
  const active = passes.filter(({ radius }) => radius > 0);
  return active.length > 0 ? active : passes.slice(-1);
}

function meanKernel(radius: number): Kernel {
  const size = 2 * radius + 1;
  return { weights: new Float64Array(size).fill(1 / size), first: -radius };
}
