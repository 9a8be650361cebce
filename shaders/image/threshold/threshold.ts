import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { checkFloat } from "../../checks.ts";
import { texelSlabs } from "../../groups.ts";
import { thresholdTwin } from "./threshold_twin.ts";
import text from "./threshold.wgsl" with { type: "text" };

/** Options of {@linkcode threshold}. */
export interface ThresholdOptions {
  /** Values above it become 1. Rounded to f32. Default 0.5. */
  at: number;
}

const page = definePage({
  name: "threshold",
  file: import.meta.resolve("./threshold.wgsl"),
  text,
  bindings: [
    { name: "input", access: "read", layout: "rows4" },
    { name: "output", access: "write", layout: "rows4" },
  ],
});

/** 1 where a value is above a threshold, else 0; a value equal to it gives 0, as in scikit-image. Any shape, f32. */
export const threshold: Filter<ThresholdOptions> = defineOperation<ThresholdOptions>({
  name: "threshold",
  options: optionsOf(z.strictObject({ at: z.number().default(0.5) })),
  outputs: ([input]) => {
    checkFloat("threshold", "image", input);
    return [{ dtype: "f32", shape: input.shape }];
  },
  cost: ([input]) => ({ bytes: 8 * sizeOf(input.shape), flops: sizeOf(input.shape) }),
  record: (r, [input], { at }) => {
    const output = r.temporary({ dtype: "f32", shape: input.shape });
    if (sizeOf(input.shape) > 0) {
      r.dispatch(page, {
        bind: { input, output },
        params: { at },
        iterations: 1,
        ...texelSlabs(input.shape),
      });
    }
    return [output];
  },
  twin: thresholdTwin,
  bound: 0,
});
