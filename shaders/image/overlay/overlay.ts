import { z } from "npm:zod@4.6.7";
import { definePage, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid, loops } from "../../lib/mod.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupsFor } from "../../groups.ts";
import { overlayTwin } from "./overlay_twin.ts";
import text from "./overlay.wgsl" with { type: "text" };

/** Options of {@linkcode overlay}. */
export interface OverlayOptions {
  /** Red, green, blue from 0 to 1. Default a warm red. */
  color: [number, number, number];
  /** How much the color covers the region: 0 to 1. Default 0.3. */
  alpha: number;
  /** Width in pixels of the region's border, drawn in full color; 0 to 16. Default 1. */
  outline: number;
}

const page = definePage({
  name: "overlay",
  file: import.meta.resolve("./overlay.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "input", access: "read", layout: "linear" },
    { name: "mask", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/**
 * `overlay(r, image, mask, options)`: a gray image `[1, H, W]` (0 black, 1 white, clipped) as RGB `[3, H, W]` with a mask
 * `[H, W]` in color; `[1, D, H, W]` and `[D, H, W]` slice by slice. Pixels above 0.5 are set. The outline are the set
 * pixels that have one that is not set, or the image's edge, within `outline` pixels along rows, columns or diagonals.
 */
export const overlay: Callable<[Value, Value], OverlayOptions> = defineCallable<[Value, Value], OverlayOptions>(2, {
  name: "overlay",
  options: optionsOf(z.strictObject({
    color: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1), z.number().min(0).max(1)])
      .default([1, 0.27, 0.2]),
    alpha: z.number().min(0).max(1).default(0.3),
    outline: z.int().min(0).max(16).default(1),
  })),
  outputs: ([input, mask]) => {
    checkFloat("overlay", "image", input);
    checkFloat("overlay", "mask", mask);
    checkRank("overlay", "image", input, input.shape[0] === 1 ? [3, 4] : [], "[1, H, W] or [1, D, H, W]");
    if (mask.shape.length !== input.shape.length - 1 || mask.shape.some((n, axis) => n !== input.shape[axis + 1])) {
      throw new RangeError(
        `overlay got the shape ${showShape(mask.shape)} as mask: it must be ${showShape(input.shape.slice(1))}`,
      );
    }
    return [{ dtype: "f32", shape: [3, ...mask.shape] }];
  },
  cost: ([input]) => ({ bytes: 20 * sizeOf(input.shape), flops: 9 * sizeOf(input.shape) }),
  record: (r, [input, mask], { color, alpha, outline }) => {
    const output = r.temporary({ dtype: "f32", shape: [3, ...mask.shape] });
    if (sizeOf(mask.shape) > 0) {
      const [height, width] = mask.shape.slice(-2);
      r.dispatch(page, {
        bind: { input, mask, output },
        params: { color, alpha, size: [height, width], outline },
        groups: groupsFor(mask.shape),
        iterations: (2 * outline + 1) ** 2 + 2 * outline + 1,
      });
    }
    return [output];
  },
  twin: overlayTwin,
  bound: 3e-7,
});
