import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { checkFloat } from "../../checks.ts";
import { texelSlabs } from "../../groups.ts";
import { windowTwin } from "./window_twin.ts";
import text from "./window.wgsl" with { type: "text" };

/** Options of {@linkcode window}. */
export interface WindowOptions {
  /** Center of the window, in the image's unit. */
  center: number;
  /** Width of the window, in the image's unit: at least 1. */
  width: number;
}

const page = definePage({
  name: "window",
  file: import.meta.resolve("./window.wgsl"),
  text,
  bindings: [
    { name: "input", access: "read", layout: "rows4" },
    { name: "output", access: "write", layout: "rows4" },
  ],
});

/**
 * The window of a display: 0 below it, 1 above it, straight between. DICOM PS3.3 C.11.2.1.2.1, function LINEAR: 0 up to
 * center - 1/2 - (width - 1) / 2, 1 above center - 1/2 + (width - 1) / 2. A width of 1 is a step. Any shape, f32.
 */
export const window: Filter<WindowOptions> = defineOperation<WindowOptions>({
  name: "window",
  options: optionsOf(z.strictObject({ center: z.number(), width: z.number().min(1) })),
  outputs: ([input]) => {
    checkFloat("window", "image", input);
    return [{ dtype: "f32", shape: input.shape }];
  },
  cost: ([input]) => ({ bytes: 8 * sizeOf(input.shape), flops: 4 * sizeOf(input.shape) }),
  record: (r, [input], { center, width }) => {
    const output = r.temporary({ dtype: "f32", shape: input.shape });
    if (sizeOf(input.shape) > 0) {
      r.dispatch(page, {
        bind: { input, output },
        params: { middle: center - 0.5, span: width - 1 },
        iterations: 1,
        ...texelSlabs(input.shape),
      });
    }
    return [output];
  },
  twin: windowTwin,
  // A difference and a quotient, each rounded once, of a result of 0 to 1.
  bound: 3e-7,
});
