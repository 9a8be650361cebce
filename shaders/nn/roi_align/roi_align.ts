import { z } from "npm:zod@4.6.7";
import { definePage, type Operation, type Page } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, showShape, sizeOf } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { costOf } from "../cost.ts";
import text from "./roi_align.wgsl" with { type: "text" };
import { roiAlignCases } from "./roi_align_cases.ts";
import { roiAlignTwin } from "./roi_align_twin.ts";

/** Options of the pooling of regions. */
export interface RoiAlignOptions {
  /** Rows of bins. */
  readonly height: number;
  /** Columns of bins. */
  readonly width: number;
  /** Samples along each axis of a bin; 0 takes as many as it has pixels, rounded up, at most 240. Default 0. */
  readonly samples: number;
  /** From the coordinates of regions to pixels of the map. Default 1. */
  readonly scale: number;
  /** The mean of the samples, or the greatest weighted neighbor of one. Default average. */
  readonly kind: "average" | "max";
  /**
   * Whether coordinates have the center of the first pixel at one half, as boxes of images do; otherwise it lies at 0 and
   * regions of less than a pixel count as one. Default true.
   */
  readonly halfPixel: boolean;
}

/** Samples along an axis of a bin, so that one bin's stay below the loop bound of drivers. */
export const mostSamples = 240;

const page: Page = definePage({
  name: "roi_align",
  file: import.meta.resolve("./roi_align.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "x", access: "read", layout: "channels4" },
    { name: "rois", access: "read", layout: "linear" },
    { name: "batches", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear" },
  ],
});

/**
 * Regions of feature maps [N, C, H, W] pooled to a grid of bins, [regions, C, height, width]: each bin is the mean of
 * bilinear samples. Regions are x and y of two corners; `batches` says whose map each lies on. What lies more than a pixel
 * outside counts as 0. Sources: He et al. 2017 (Mask R-CNN), ONNX `RoiAlign`. O(outputs * samples).
 *
 * Inputs: x, rois [regions, 4], batches [regions] (i32 or i64).
 */
export const roiAlign: Operation<RoiAlignOptions> = {
  name: "roiAlign",
  options: optionsOf<RoiAlignOptions>(z.strictObject({
    height: z.int().positive(),
    width: z.int().positive(),
    samples: z.int().nonnegative().max(mostSamples).default(0),
    scale: z.number().default(1),
    kind: z.enum(["average", "max"]).default("average"),
    halfPixel: z.boolean().default(true),
  })),
  outputs: ([x, rois, batches], { height, width }) => {
    const [regions] = rois.shape;
    const fits = x.shape.length === 4 && rois.shape.length === 2 && rois.shape[1] === 4 &&
      batches.shape.length === 1 && batches.shape[0] === regions;
    if (!fits || (sizeOf(x.shape) === 0 && regions > 0)) {
      throw new RangeError(
        `roiAlign takes maps [N, C, H, W] with elements, regions [n, 4] and [n] numbers of maps, not ${
          [x, rois, batches].map(({ shape }) => showShape(shape)).join(", ")
        }`,
      );
    }
    return [{ dtype: x.dtype, shape: [regions, x.shape[1], height, width] }];
  },
  cost: (inputs, options) => {
    const outputs = roiAlign.outputs(inputs, options);
    return costOf([...inputs.slice(1), ...outputs], outputs, 32 * sizeOf(outputs[0].shape));
  },
  record: (r, [x, rois, batches], options) => {
    const y = r.temporary(roiAlign.outputs([x, rois, batches], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const { channels, blocks, height, width } = channelAxes(x.shape);
    r.dispatch(page, {
      bind: { x, rois, batches, y },
      params: {
        width,
        height,
        channels,
        blocks,
        bins_x: options.width,
        bins_y: options.height,
        scale: options.scale,
        most: mostSamples,
      },
      overrides: {
        GREATEST: options.kind === "max" ? 1 : 0,
        SHIFT: options.halfPixel ? 0.5 : 0,
        SAMPLES: options.samples,
      },
      groups: Math.ceil(rois.shape[0] * blocks * options.width * options.height / 64),
      iterations: nestedIterations([options.samples || mostSamples, options.samples || mostSamples]) + 5,
    });
    return [y];
  },
  twin: roiAlignTwin,
  // Positions of samples in f32, and a mean of some products.
  bound: 1e-5,
  cases: roiAlignCases,
};
