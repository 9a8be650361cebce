import { definePage, type Page, type Value } from "../../contract.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { checkFloat, checkSame } from "../../checks.ts";
import { tiles as tilesLib, workgroup as workgroupLib, workgroupIterations } from "../../lib/mod.ts";
import { partialsOf, recordScore } from "../../metrics/score.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { groupsOver, overLayers } from "../tiles.ts";
import { maskGrid, type MaskOptions, maskSchema } from "./grid.ts";
import text from "./masked_error.wgsl" with { type: "text" };
import { maskedErrorTwin } from "./self_supervision_twin.ts";

/** Adds up squared differences at masked pixels. */
export const maskedErrorPage: Page = definePage({
  name: "masked_error",
  file: import.meta.resolve("./masked_error.wgsl"),
  text,
  libs: [tilesLib, workgroupLib],
  bindings: [
    { name: "denoised", access: "read", layout: "rows4" },
    { name: "image", access: "read", layout: "rows4" },
    { name: "partials", access: "write", layout: "linear" },
  ],
});

/** Masked rows that an invocation adds up: ROWS of the page. */
const rows = 16;

/**
 * `maskedError(r, denoised, image, options)`: the mean squared difference of two images over the pixels of a grid, as f32
 * `[1]`. Where `denoised` is what a filter made of `maskPixels(r, image, options)`, this is the filter's self-supervised
 * loss: up to a constant, the variance of the noise, its squared distance from the clean image that nobody has.
 *
 * - Source: J. Batson and L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019, with the loss of one
 *   grid, the approximate one of `skimage.restoration.calibrate_denoiser`.
 * - Input: two images `[C, H, W]` or volumes `[C, D, H, W]` of one shape, f32 in any range; its unit squared comes out. NaN
 *   where no pixel is masked.
 * - Complexity: one pass over the masked pixels, reduced in two levels in a fixed order: the same images give the same bits.
 * - Bound: 1e-6, relative to the loss itself 5e-6 at most: no sum has more than some 60 terms in turn.
 */
export const maskedError: Callable<[denoised: Value, image: Value], MaskOptions> = defineCallable<
  [denoised: Value, image: Value],
  MaskOptions
>(2, {
  name: "maskedError",
  options: optionsOf(maskSchema),
  outputs: ([denoised, image], options) => {
    checkFloat("maskedError", "denoised", denoised);
    checkSame("maskedError", ["denoised", "image"], denoised, image);
    maskGrid("maskedError", image, options);
    return [{ dtype: "f32", shape: [1] }];
  },
  cost: ([denoised], options) => {
    const { pixels } = maskGrid("maskedError", denoised, options);
    return { bytes: 8 * Math.min(4 * pixels, sizeOf(denoised.shape)), flops: 3 * pixels };
  },
  record: (r, [denoised, image], options) => {
    const { extents, first, step, count, pixels } = maskGrid("maskedError", image, options);
    if (pixels === 0) return [r.constant(Float32Array.of(NaN), [1])];
    const layers = extents.channels * extents.depth;
    const { shift, groups } = groupsOver(count[0], Math.ceil(count[1] / rows));
    const partials = partialsOf(r, groups[0] * groups[1] * layers);
    r.dispatch(maskedErrorPage, {
      bind: { denoised, image, partials },
      params: { first, depth: extents.depth, step, shift, count },
      iterations: workgroupIterations,
      ...overLayers(groups, layers, { whole: ["partials"] }),
    });
    return [recordScore(r, partials, pixels)];
  },
  twin: maskedErrorTwin,
  bound: 1e-6,
});
