import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter, type Spec, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { borderOption, type BorderOptions, cvalOption } from "../border.ts";
import { countAlong, extentsOf, forAxes, type PerAxis, perAxisOption, slicewiseOption } from "../extents.ts";
import { boxMean, boxMeanServes } from "../passes/box/box.ts";
import { convolveAxis, type Kernel } from "../passes/separable/separable.ts";
import { convolvePasses, hasLanes, planeTunes, servesPlane } from "../passes/separable/separable_plane.ts";
import { meanTwin } from "./mean_twin.ts";

/** Options of {@linkcode mean}. */
export interface MeanOptions extends BorderOptions {
  /** The window has `2 * radius + 1` pixels; one, or one for each axis. Default 1. */
  radius: PerAxis;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<MeanOptions> = z.strictObject({
  radius: perAxisOption(z.int().min(0).max(1_000_000)).default(1)
    .describe("The window has 2 * radius + 1 pixels; one, or one for each axis"),
  border: borderOption,
  cval: cvalOption,
  slicewise: slicewiseOption,
});

/** Greatest radius of windows that are summed directly: measured. */
const greatestDirect = 12;

/**
 * Mean of the pixels in a window.
 *
 * - Source: `scipy.ndimage.uniform_filter` with odd sizes.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range; the output has the same unit.
 * - Border: as in scipy (see `Border`); windows larger than the image wrap around as often as needed.
 * - Complexity: constant: 3 additions per pixel and axis, from sums to the end and from the beginning of blocks of a
 *   window's size (see `boxMean`). Windows of at most 25 pixels along each axis are summed directly,
 *   and those that reach around the image, of up to twice the axis' length after adding up equal pixels.
 * - Bound: 1e-6 of the greatest value: two or three passes of f32 sums, each within 3e-7 (sums go by runs, no value is
 *   subtracted), and rounded weights.
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
    // Block sums need three additions per pixel and axis.
    return { bytes: 8 * size, flops: 3 * meanPasses(image, options).length * size };
  },
  forms: {
    lanes: { needs: hasLanes, serves: servesLanes, tune: planeTunes },
    direct: {},
    blocks: { serves: ([image], options) => blocksServe(image, options) },
  },
  choose: (inputs, options, facts) => {
    if (meanPasses(inputs[0], options).some(({ radius }) => radius > greatestDirect)) {
      return blocksServe(inputs[0], options) ? "blocks" : "direct";
    }
    // Measured on lavapipe: one pass takes 0.6 of the time of two.
    return facts.adapter === "lavapipe" && hasLanes(facts) && servesLanes(inputs, options) ? "lanes" : "direct";
  },
  record: (r, [image], options, form, tune) => {
    const extents = extentsOf("mean", image, options.slicewise);
    if (sizeOf(image.shape) === 0) return [r.temporary({ dtype: "f32", shape: image.shape })];
    if (form === "lanes") return [convolvePasses(r, image, extents, kernelPasses(image, options), options, tune)];
    return [
      meanPasses(image, options).reduce<Value>(
        (value, { axis, radius }) =>
          form === "blocks" && boxMeanServes(radius, countAlong(extents, axis))
            ? boxMean(r, value, extents, axis, radius, options)
            : convolveAxis(r, value, extents, axis, meanKernel(radius), options),
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

/** Whether the windows along any axis can go by blocks; the others are summed directly. */
function blocksServe(image: Spec, options: MeanOptions): boolean {
  const extents = extentsOf("mean", image, options.slicewise);
  return meanPasses(image, options).some(({ axis, radius }) => boxMeanServes(radius, countAlong(extents, axis)));
}

const kernelPasses = (image: Spec, options: MeanOptions) =>
  meanPasses(image, options).map(({ axis, radius }) => ({ axis, kernel: meanKernel(radius) }));

function servesLanes([image]: readonly Spec[], options: MeanOptions): boolean {
  return servesPlane(kernelPasses(image, options), extentsOf("mean", image, options.slicewise));
}

function meanKernel(radius: number): Kernel {
  const size = 2 * radius + 1;
  return { weights: new Float64Array(size).fill(1 / size), first: -radius };
}
