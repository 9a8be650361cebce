import { defineOperation, definePage, type Filter, type Page } from "../../contract.ts";
import { tiles as tilesLib } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { groupsOver, overLayers } from "../tiles.ts";
import { maskGrid, type MaskOptions, maskSchema } from "./grid.ts";
import text from "./mask_pixels.wgsl" with { type: "text" };
import { maskPixelsTwin } from "./self_supervision_twin.ts";

/** Replaces masked pixels by the mean of their neighbors. */
export const maskPixelsPage: Page = definePage({
  name: "mask_pixels",
  file: import.meta.resolve("./mask_pixels.wgsl"),
  text,
  libs: [tilesLib],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "result", access: "write", layout: "rows4" },
  ],
});

/**
 * The image with the pixels of a grid replaced by the mean of their 2n neighbors: what a filter makes of such a pixel
 * can't depend on the pixel itself, so that `maskedError` tells how good the filter is without the clean image.
 *
 * - Source: J. Batson and L. Royer, "Noise2Self: Blind Denoising by Self-Supervision", ICML 2019 (J-invariance), as
 *   `skimage.restoration.calibrate_denoiser` has it.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range; the output has the same unit. Channels
 *   are masked alike.
 * - Border: `mirror`.
 * - Complexity: one pass.
 * - Bound: 3e-7 of the greatest value: a sum of at most six numbers.
 */
export const maskPixels: Filter<MaskOptions> = defineOperation<MaskOptions>({
  name: "maskPixels",
  options: optionsOf(maskSchema),
  outputs: ([image], options) => {
    maskGrid("maskPixels", image, options);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const { extents, pixels } = maskGrid("maskPixels", image, options);
    return { bytes: 8 * sizeOf(image.shape), flops: 2 * extents.axes.length * pixels };
  },
  record: (r, [image], options) => {
    const { extents, first, step } = maskGrid("maskPixels", image, options);
    const { channels, depth, height, width, axes } = extents;
    const result = r.temporary({ dtype: "f32", shape: image.shape });
    if (sizeOf(image.shape) === 0) return [result];
    const { shift, groups } = groupsOver(Math.ceil(width / 4), height);
    const volume = axes.length === 3;
    r.dispatch(maskPixelsPage, {
      bind: { image, result },
      params: {
        first,
        width,
        step,
        depth,
        shift,
      },
      overrides: { VOLUME: Number(volume) },
      iterations: 0,
      ...overLayers(groups, channels * depth, { halo: Number(volume) }),
    });
    return [result];
  },
  twin: maskPixelsTwin,
  bound: 3e-7,
});
