import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter, type Spec } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { borderOption, type BorderOptions, cvalOption } from "../border.ts";
import { extentsOf, type PerAxis, perAxisOption, slicewiseOption, spacingOption } from "../extents.ts";
import { convolvePasses, hasLanes, planeTunes, servesPlane } from "../passes/separable/separable_plane.ts";
import { gaussianKernel, gaussianSigmas } from "./gaussian_kernel.ts";
import { gaussianTwin } from "./gaussian_twin.ts";

/** Which derivative along an axis. */
export type GaussianOrder = 0 | 1 | 2;

/** Options of {@linkcode gaussian}. */
export interface GaussianOptions extends BorderOptions {
  /** Standard deviation in pixels, at least 0, one, or one for each axis. Either this or `sigmaMm`. */
  sigmaPx?: PerAxis;
  /** Standard deviation in millimeters, at least 0, one, or one for each axis. Needs `spacing`. */
  sigmaMm?: PerAxis;
  /** Millimeters between pixels for each of the image's spatial axes (`[y, x]` or `[z, y, x]`). */
  spacing?: readonly number[];
  /** Radius in standard deviations at which the kernel ends. Default 4. */
  truncate: number;
  /** Derivative, 0 to 2, one, or one for each axis. Default 0, no derivative. */
  order: GaussianOrder | readonly GaussianOrder[];
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const orderOption = z.union([z.literal(0), z.literal(1), z.literal(2)]);
const sigma = z.number().min(0).max(100_000);

const schema: z.ZodType<GaussianOptions> = z.strictObject({
  sigmaPx: perAxisOption(sigma).optional().describe("Standard deviation in pixels, one, or one for each axis"),
  sigmaMm: perAxisOption(sigma).optional().describe("Standard deviation in millimeters, one, or one for each axis"),
  spacing: spacingOption,
  truncate: z.number().positive().max(100).default(4).describe("Radius of the kernel in standard deviations"),
  order: z.union([orderOption, z.array(orderOption).min(1).max(3)]).default(0).describe(
    "Derivative, one, or one for each axis",
  ),
  border: borderOption,
  cval: cvalOption,
  slicewise: slicewiseOption,
}).superRefine((options, context) => {
  const given = Number(options.sigmaPx !== undefined) + Number(options.sigmaMm !== undefined);
  if (given !== 1) context.addIssue({ code: "custom", message: "give either sigmaPx or sigmaMm" });
  if (options.sigmaMm !== undefined && options.spacing === undefined) {
    context.addIssue({ code: "custom", message: "sigmaMm needs spacing, the millimeters between pixels" });
  }
});

/**
 * Gaussian smoothing and its derivatives, axis by axis.
 *
 * - Source: `scipy.ndimage.gaussian_filter`: the sampled Gaussian up to the radius `floor(truncate * sigma + 0.5)`,
 *   normalized to sum 1, then times the derivative's polynomial. The axes are filtered in the tensor's order.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range; the output has the same unit, for
 *   derivatives the unit per pixel (per pixel squared). A sigma of 0 leaves its axis alone, whatever the order.
 * - Border: as in scipy (see `Border`); kernels longer than the image wrap around as often as needed.
 * - Complexity: `2 * radius + 1` multiply-adds per pixel and axis, never more than twice the axis' length.
 * - Bound: 1e-6 of the greatest value: two or three passes of f32 sums, each within 2e-7, and rounded weights.
 *
 * @example
 * ```ts ignore
 * const smooth = engine.run((r) => filters.gaussian(r, image, { sigmaPx: 2 }));
 * ```
 */
export const gaussian: Filter<GaussianOptions> = defineOperation<GaussianOptions>({
  name: "gaussian",
  options: optionsOf(schema),
  outputs: ([image], options) => {
    gaussianPasses(image, options);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const taps = gaussianPasses(image, options).reduce((sum, { kernel }) => sum + kernel.weights.length, 0);
    const size = sizeOf(image.shape);
    return { bytes: 8 * size, flops: 2 * taps * size };
  },
  forms: { lanes: { needs: hasLanes, serves: servesLanes, tune: planeTunes }, axes: {} },
  // Measured on lavapipe: one pass takes 0.75 of the time of two, and no memory between them.
  choose: (inputs, options, facts) =>
    facts.adapter === "lavapipe" && hasLanes(facts) && servesLanes(inputs, options) ? "lanes" : "axes",
  record: (r, [image], options, form, tune) => {
    const extents = extentsOf("gaussian", image, options.slicewise);
    const passes = gaussianPasses(image, options);
    if (sizeOf(image.shape) === 0) return [r.temporary({ dtype: "f32", shape: image.shape })];
    return [convolvePasses(r, image, extents, passes, options, form === "lanes" ? tune : undefined)];
  },
  twin: gaussianTwin,
  bound: 1e-6,
});

function servesLanes([image]: readonly Spec[], options: GaussianOptions): boolean {
  return servesPlane(gaussianPasses(image, options), extentsOf("gaussian", image, options.slicewise));
}

/** The axes to be filtered with their kernels: those with a sigma above 0, at least one. */
function gaussianPasses(image: Spec, options: GaussianOptions) {
  const passes = gaussianSigmas(image, options).map(({ axis, sigma, order }) => ({
    axis,
    sigma,
    kernel: gaussianKernel(sigma, order, options.truncate),
  }));
  const active = passes.filter(({ sigma }) => sigma > 0);
  return active.length > 0 ? active : passes.slice(-1);
}
