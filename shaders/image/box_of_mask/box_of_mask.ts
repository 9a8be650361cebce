import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { loops, workgroup, workgroupIterations } from "../../lib/mod.ts";
import { sizeOf, texelsOf } from "../../shape.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupSize } from "../../groups.ts";
import { boxOfMaskTwin } from "./box_of_mask_twin.ts";
import extent from "./box_of_mask_extent.wgsl" with { type: "text" };
import text from "./box_of_mask.wgsl" with { type: "text" };

/** Options of {@linkcode boxOfMask}. */
export interface BoxOfMaskOptions {
  /** The sides are this much longer than the region. Default 1: the region itself. */
  margin: number;
  /** Least side in pixels, the shorter side of a pixel where these are not square. Default 0. */
  minSide: number;
  /** Both sides as long as the longer one. Default false. */
  square: boolean;
  /** Distance between rows and between columns, so that a square is one in millimeters. Default: pixels are square. */
  spacing: [number, number];
}

const partials = 64;

const extentPage = definePage({
  name: "box_of_mask_extent",
  file: import.meta.resolve("./box_of_mask_extent.wgsl"),
  text: extent,
  libs: [loops, workgroup],
  bindings: [
    { name: "input", access: "read", layout: "rows4" },
    { name: "extents", access: "write", layout: "linear" },
  ],
});
const page = definePage({
  name: "box_of_mask",
  file: import.meta.resolve("./box_of_mask.wgsl"),
  text,
  libs: [workgroup],
  bindings: [
    { name: "extents", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/** Width and height of a pixel, the smaller one 1. */
export function pixelOf([dy, dx]: readonly [number, number]): [number, number] {
  const least = Math.min(dy, dx);
  return [dx / least, dy / least];
}

/**
 * The box around what is set in a mask `[H, W]` or `[1, H, W]`, as `[1, 4]`: x0, y0, x1, y1 in pixels, upper bounds
 * exclusive, to be used by {@linkcode crop}. Pixels above 0.5 are set. The box grows about its center by `margin` and to
 * at least `minSide`, also beyond the image; it may then end within a pixel. No pixel set: 0, 0, 0, 0. Exact where the
 * products with `margin` are.
 */
export const boxOfMask: Filter<BoxOfMaskOptions> = defineOperation<BoxOfMaskOptions>({
  name: "boxOfMask",
  options: optionsOf(z.strictObject({
    margin: z.number().min(1).default(1),
    minSide: z.number().min(0).default(0),
    square: z.boolean().default(false),
    spacing: z.tuple([z.number().positive(), z.number().positive()]).default([1, 1]),
  })),
  outputs: ([input]) => {
    checkFloat("boxOfMask", "mask", input);
    checkRank("boxOfMask", "mask", input, input.shape[0] === 1 ? [2, 3] : [2], "[H, W] or [1, H, W]");
    return [{ dtype: "f32", shape: [1, 4] }];
  },
  cost: ([input]) => ({ bytes: 4 * sizeOf(input.shape), flops: 4 * sizeOf(input.shape) }),
  record: (r, [input], { margin, minSide, square, spacing }) => {
    if (sizeOf(input.shape) === 0) return [r.constant(new Float32Array(4), [1, 4])];
    const extents = r.temporary({ dtype: "f32", shape: [partials, 4] });
    const output = r.temporary({ dtype: "f32", shape: [1, 4] });
    const count = texelsOf("rows4", input.shape).reduce((a, b) => a * b);
    r.dispatch(extentPage, {
      bind: { input, extents },
      params: { width: input.shape.at(-1) ?? 1 },
      groups: [partials, 1, 1],
      iterations: Math.ceil(count / (partials * groupSize)) + workgroupIterations,
    });
    r.dispatch(page, {
      bind: { extents, output },
      params: { margin, min_side: minSide, square: square ? 1 : 0, pixel: pixelOf(spacing) },
      groups: [1, 1, 1],
      iterations: workgroupIterations,
    });
    return [output];
  },
  twin: boxOfMaskTwin,
  // Whole numbers, except where pixels are not square: half a unit in the last place. Reached: 1.3e-8.
  bound: 6e-8,
});
