import { z } from "npm:zod@4.6.7";
import { definePage, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid, loops } from "../../lib/mod.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupsFor } from "../../groups.ts";
import { checkBoxes } from "../crop/crop.ts";
import { pasteTwin } from "./paste_twin.ts";
import text from "./paste.wgsl" with { type: "text" };

/** `paste` has no options. */
export type PasteOptions = Record<never, never>;

const page = definePage({
  name: "paste",
  file: import.meta.resolve("./paste.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "input", access: "read", layout: "linear" },
    { name: "patches", access: "read", layout: "linear" },
    { name: "boxes", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/**
 * `paste(r, image, patches, boxes)`: the image `[C, H, W]` with each patch of `[N, C, h, w]` drawn into its box of `[N, 4]`,
 * the reverse of {@linkcode crop}. Pixels whose center lies in a box take the patch's value there, linear between its
 * nearest pixels, its border repeated. Where boxes overlap the last one counts; an empty box draws nothing.
 */
export const paste: Callable<[Value, Value, Value], PasteOptions> = defineCallable<
  [Value, Value, Value],
  PasteOptions
>(3, {
  name: "paste",
  options: optionsOf(z.strictObject({})),
  outputs: ([input, patches, boxes]) => {
    checkFloat("paste", "image", input);
    checkFloat("paste", "patches", patches);
    checkRank("paste", "image", input, [3], "[C, H, W]");
    checkBoxes("paste", boxes);
    const [count, channels, h, w] = patches.shape;
    if (patches.shape.length !== 4 || count !== boxes.shape[0] || channels !== input.shape[0] || h * w === 0) {
      throw new RangeError(
        `paste got the shape ${showShape(patches.shape)} as patches: it must be [${boxes.shape[0]}, ${
          input.shape[0]
        }, h, w]`,
      );
    }
    return [{ dtype: "f32", shape: input.shape }];
  },
  cost: ([input, patches]) => ({ bytes: 8 * sizeOf(input.shape), flops: 8 * sizeOf(patches.shape) }),
  record: (r, [input, patches, boxes]) => {
    const output = r.temporary({ dtype: "f32", shape: input.shape });
    if (sizeOf(input.shape) > 0) {
      r.dispatch(page, {
        bind: { input, patches, boxes, output },
        params: {
          image_size: input.shape.slice(1),
          patch_size: patches.shape.slice(2),
          channels: input.shape[0],
          count: boxes.shape[0],
        },
        groups: groupsFor(input.shape),
        iterations: Math.max(1, boxes.shape[0]),
      });
    }
    return [output];
  },
  twin: pasteTwin,
  bound: 1e-6,
});
