import { z } from "npm:zod@4.6.7";
import { definePage, type Operation, type Page } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { costOf } from "../cost.ts";
import text from "./paste_masks.wgsl" with { type: "text" };
import { pasteMasksCases } from "./paste_masks_cases.ts";
import { pasteMasksTwin } from "./paste_masks_twin.ts";

/** Options of the drawing of masks. */
export interface PasteMasksOptions {
  /** Rows of the image. */
  readonly height: number;
  /** Columns of the image. */
  readonly width: number;
}

const page: Page = definePage({
  name: "paste_masks",
  file: import.meta.resolve("./paste_masks.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "masks", access: "read", layout: "linear" },
    { name: "boxes", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear" },
  ],
});

/**
 * Each mask of [n, h, w] resized to its box (linear, between the centers of pixels, the border repeated) and drawn into an
 * image of zeros of its own, [n, height, width]. Boxes are x and y of the first and of the last pixel, whole numbers (i32
 * or i64); what lies outside of the image is cut off, a box without area counts as one pixel. Source: torchvision's
 * `paste_masks_in_image` as it is exported to ONNX. O(elements of the result).
 *
 * Inputs: masks, boxes [n, 4].
 */
export const pasteMasks: Operation<PasteMasksOptions> = {
  name: "pasteMasks",
  options: optionsOf<PasteMasksOptions>(z.strictObject({
    height: z.int().nonnegative(),
    width: z.int().nonnegative(),
  })),
  outputs: ([masks, boxes], { height, width }) => {
    const [count, rows, columns] = masks.shape;
    const fits = masks.shape.length === 3 && boxes.shape.length === 2 && boxes.shape[0] === count &&
      boxes.shape[1] === 4 && (rows * columns > 0 || count === 0) && (boxes.dtype === "i32" || boxes.dtype === "i64");
    if (!fits) {
      throw new RangeError(
        `pasteMasks takes masks [n, h, w] with elements and whole boxes [n, 4], not ${showShape(masks.shape)} and ` +
          `${boxes.dtype} ${showShape(boxes.shape)}`,
      );
    }
    return [{ dtype: "f32", shape: [count, height, width] }];
  },
  cost: (inputs, options) => {
    const outputs = pasteMasks.outputs(inputs, options);
    return costOf(inputs, outputs, 20 * sizeOf(outputs[0].shape));
  },
  record: (r, [masks, boxes], options) => {
    const y = r.temporary(pasteMasks.outputs([masks, boxes], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    r.dispatch(page, {
      bind: { masks, boxes, y },
      params: {
        mask_rows: masks.shape[1],
        mask_columns: masks.shape[2],
        height: options.height,
        width: options.width,
      },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: 0,
    });
    return [y];
  },
  twin: pasteMasksTwin,
  // Positions between pixels of the mask in f32.
  bound: 2e-5,
  cases: pasteMasksCases,
};
