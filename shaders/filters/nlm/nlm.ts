import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { type PerAxis, perAxisOption, slicewiseOption } from "../extents.ts";
import { checkNoiseInput, type NoiseLevel, noiseLevel, noiseLevelOption } from "../noise_level.ts";
import { fastTunes, isSmall, recordDefinition, recordFast } from "./nlm_record.ts";
import { nlmTwin } from "./nlm_twin.ts";
import { nlmWindows } from "./nlm_windows.ts";

/** Options of {@linkcode nlm}. */
export interface NlmOptions {
  /** Patches have `2 * patchRadius + 1` pixels; one, or one for each axis, 0 to 15. Default 2, in 3-D 1. */
  patchRadius?: PerAxis;
  /** Patches up to this far away are compared; one, or one for each axis, 0 to 50. Default 5, in 3-D 2. */
  searchRadius?: PerAxis;
  /** Distance of patches, in the image's unit and beyond the noise, at which their weight is 1/e. Or `strength`. */
  h?: number;
  /** `h` in noise levels. Default 0.8. */
  strength?: number;
  /** Standard deviation of the noise in the image's unit, or `auto` (default): estimated for each channel. */
  sigma: NoiseLevel;
  /** `box` (default): all pixels of a patch alike. `gauss`: a Gaussian with a standard deviation of half the radius. */
  patchWeights: "gauss" | "box";
  /** Search positions beyond the border: left out (`clipped`, default), or found by mirroring (`mirror`). */
  searchWindow: "clipped" | "mirror";
  /** The image is the magnitude of MR data, whose bias is removed. Default false. */
  rician: boolean;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<NlmOptions> = z.strictObject({
  patchRadius: perAxisOption(z.int().min(0).max(15)).optional()
    .describe("Patches have 2 * patchRadius + 1 pixels; one, or one for each axis; 2 unless given, in 3-D 1"),
  searchRadius: perAxisOption(z.int().min(0).max(50)).optional()
    .describe("Patches up to this far away are compared; one, or one for each axis; 5 unless given, in 3-D 2"),
  h: z.number().min(0).max(1e15).optional()
    .describe("Distance of patches beyond the noise at which their weight is 1/e, in the image's unit"),
  strength: z.number().min(0).max(1e6).optional()
    .describe("h in noise levels, where h is not given; 0.8 unless given"),
  sigma: noiseLevelOption,
  patchWeights: z.enum(["gauss", "box"]).default("box")
    .describe("Weights of a patch's pixels: all alike, or a Gaussian with a standard deviation of half the radius"),
  searchWindow: z.enum(["clipped", "mirror"]).default("clipped")
    .describe("Search positions beyond the border: left out, or found by mirroring"),
  rician: z.boolean().default(false).describe("The image is the magnitude of MR data, whose bias is removed"),
  slicewise: slicewiseOption,
}).superRefine((options, context) => {
  if (options.h !== undefined && options.strength !== undefined) {
    const { h, strength } = options;
    context.addIssue({ code: "custom", message: `h is ${h} and strength ${strength}: give one of the two` });
  }
});

/**
 * Non-local means: the mean of the pixels around one, weighted by how alike their patches are to its own.
 *
 * `w(p, q) = exp(-max(0, d))` with `d = sum_k a_k ((u(p + k) - u(q + k))^2 - 2 sigma^2) / h^2`, where the weights a of
 * a patch's pixels have the sum 1; the pixel itself has the weight 1.
 *
 * - Source: A. Buades, B. Coll, J.-M. Morel, CVPR 2005, as scikit-image's `denoise_nl_means` defines it (its slow mode:
 *   `gauss`, `clipped`), except that no small weights are dropped. Fast form: J. Darbon et al., ISBI 2008. `rician`:
 *   `sqrt(max(0, sum w u^2 / sum w - 2 sigma^2))` after N. Wiest-Daessle et al., MICCAI 2008.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 up to 1e15 (with `rician` from 0), and as an optional
 *   second input the noise level of each channel, f32 `[C]`, in place of `sigma`. The output has the same unit.
 * - Strength: an `h` or noise level of 0 divides by nothing: where h is 0, patches whose mean squared difference is up
 *   to `2 sigma^2` count alike and others not at all, so that with a sigma of 0 as well the image stays as it is. On
 *   the device h is at least `sigma / 500`.
 * - Border: patches read beyond it by mirroring (d c b | a b c d | c b a); search positions as `searchWindow` says.
 * - Complexity: for patches of a radius up to 3 (along z up to 1), some 30 (box) to 50 operations per pixel and search
 *   position; for larger ones, a few for each pixel along x of the patch and for each of its layers.
 * - Bound: 2e-6 of the greatest value: weights are good to some 1e-6, which moves the mean by less. Where h is less
 *   than a third of sigma, 1e-7 `(sigma / h)^2` instead, as distances of about `2 sigma^2 / h^2` are then subtracted.
 *   With `rician`, where `sum w u^2 / sum w` comes within 1e-6 of `2 sigma^2`, the root makes up to 1e-3 of it.
 *
 * @example
 * ```ts ignore
 * const clean = engine.run((r) => filters.nlm(r, image, { sigma: 0.05, patchRadius: 2, searchRadius: 5 }));
 * ```
 */
export const nlm: Filter<NlmOptions> = defineOperation<NlmOptions>({
  name: "nlm",
  options: optionsOf(schema),
  outputs: ([image, sigma], options) => {
    nlmWindows(image, options);
    checkNoiseInput("nlm", image, sigma);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const { search } = nlmWindows(image, options);
    const size = sizeOf(image.shape);
    const positions = (2 * search.x + 1) * (2 * search.y + 1) * (2 * search.z + 1);
    // With every sum shared: a squared difference, two additions per patch axis, a weight, two sums.
    return { bytes: 8 * size, flops: 20 * positions * size };
  },
  forms: {
    fast: {
      serves: ([image], options) => isSmall(nlmWindows(image, options)),
      tune: ([image], options, facts) => fastTunes(nlmWindows(image, options), facts),
    },
    definition: {},
  },
  choose: ([image], options) => isSmall(nlmWindows(image, options)) ? "fast" : "definition",
  record: (r, inputs, options, form, tune) => {
    const [image] = inputs;
    const windows = nlmWindows(image, options);
    if (sizeOf(image.shape) === 0) return [r.temporary({ dtype: "f32", shape: image.shape })];
    const sigma = noiseLevel(r, inputs, options.sigma, options.rician ? "rician" : "gaussian");
    return [
      form === "fast"
        ? recordFast(r, image, sigma, windows, options, tune)
        : recordDefinition(r, image, sigma, windows, options),
    ];
  },
  twin: nlmTwin,
  bound: 2e-6,
});
