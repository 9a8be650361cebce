import { z } from "npm:zod@4.6.7";
import { definePage, type Spec, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid } from "../../lib/mod.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupsFor } from "../../groups.ts";
import { cropTwin } from "./crop_twin.ts";
import text from "./crop.wgsl" with { type: "text" };

/** Options of {@linkcode crop}. */
export interface CropOptions {
  /** Size of the crops in pixels: height, width. */
  size: [number, number];
}

const page = definePage({
  name: "crop",
  file: import.meta.resolve("./crop.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "input", access: "read", layout: "linear" },
    { name: "boxes", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/** Throws unless the boxes are `[N, 4]` numbers. */
export function checkBoxes(operation: string, boxes: Spec): void {
  checkFloat(operation, "boxes", boxes);
  checkRank(operation, "boxes", boxes, [2], "[N, 4]");
  if (boxes.shape[1] !== 4) {
    throw new RangeError(`${operation} got the shape ${showShape(boxes.shape)} as boxes: it must be [N, 4]`);
  }
}

/**
 * `crop(r, image, boxes, { size })`: what each box of `[N, 4]` holds of an image `[C, H, W]`, as `[N, C, h, w]`.
 *
 * A box is x0, y0, x1, y1 in pixels, measured from the image's outer edge (pixel i reaches from i to i + 1), fractions
 * allowed. It is divided into h x w equal cells; each takes the image's value at its center, linear between the four
 * nearest pixel centers, zero outside the image. A box with x1 <= x0 or y1 <= y0 gives zeros. No smoothing: where a box
 * shrinks much, crop larger and then {@linkcode resample} with `area`.
 */
export const crop: Callable<[Value, Value], CropOptions> = defineCallable<[Value, Value], CropOptions>(2, {
  name: "crop",
  options: optionsOf(z.strictObject({ size: z.tuple([z.int().min(1), z.int().min(1)]) })),
  outputs: ([input, boxes], { size }) => {
    checkFloat("crop", "image", input);
    checkRank("crop", "image", input, [3], "[C, H, W]");
    checkBoxes("crop", boxes);
    return [{ dtype: "f32", shape: [boxes.shape[0], input.shape[0], ...size] }];
  },
  cost: ([input, boxes], { size }) => {
    const elements = boxes.shape[0] * input.shape[0] * sizeOf(size);
    return { bytes: 8 * elements, flops: 8 * elements };
  },
  record: (r, [input, boxes], { size }) => {
    const [channels, height, width] = input.shape;
    const output = r.temporary({ dtype: "f32", shape: [boxes.shape[0], channels, ...size] });
    if (sizeOf(output.shape) > 0) {
      r.dispatch(page, {
        bind: { input, boxes, output },
        params: { from_size: [height, width], to_size: size, channels },
        groups: groupsFor(output.shape),
        iterations: 1,
      });
    }
    return [output];
  },
  twin: cropTwin,
  // Weights of whole-numbered boxes are exact; of others they are off by the rounding of positions of some 100 pixels.
  bound: 1e-5,
});
