import { z } from "npm:zod@4.6.7";
import { definePage, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { loops, workgroup, workgroupIterations } from "../../lib/mod.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { checkFloat, checkSame } from "../../checks.ts";
import { groupSize } from "../../groups.ts";
import { sizeOf } from "../../shape.ts";
import { confusionTwin } from "./confusion_twin.ts";
import partial from "./confusion_partial.wgsl" with { type: "text" };
import text from "./confusion.wgsl" with { type: "text" };

/** `confusion` has no options. */
export type ConfusionOptions = Record<never, never>;

const partials = 64;
const counts = { name: "counts", access: "read", layout: "linear", element: "u32" } as const;

const partialPage = definePage({
  name: "confusion_partial",
  file: import.meta.resolve("./confusion_partial.wgsl"),
  text: partial,
  libs: [loops, workgroup],
  bindings: [
    { name: "mask", access: "read", layout: "linear" },
    { name: "truth", access: "read", layout: "linear" },
    { ...counts, access: "write" },
  ],
});
const page = definePage({
  name: "confusion",
  file: import.meta.resolve("./confusion.wgsl"),
  text,
  libs: [workgroup],
  bindings: [counts, { name: "output", access: "write", layout: "linear", element: "u32" }],
});

/**
 * `confusion(r, mask, truth)`: how many elements are true positive, false positive, false negative and true negative, as
 * u32 `[4]` in that order. What is above 0.5 is positive. Two masks of the same shape, f32. Exact. Dice is
 * 2 TP / (2 TP + FP + FN), intersection over union TP / (TP + FP + FN).
 */
export const confusion: Callable<[Value, Value], ConfusionOptions> = defineCallable<[Value, Value], ConfusionOptions>(
  2,
  {
    name: "confusion",
    options: optionsOf(z.strictObject({})),
    outputs: ([mask, truth]) => {
      checkFloat("confusion", "mask", mask);
      checkFloat("confusion", "truth", truth);
      checkSame("confusion", ["mask", "truth"], mask, truth);
      return [{ dtype: "u32", shape: [4] }];
    },
    cost: ([mask]) => ({ bytes: 8 * sizeOf(mask.shape), flops: 0 }),
    record: (r, [mask, truth]) => {
      const elements = sizeOf(mask.shape);
      if (elements === 0) return [r.constant(new Uint32Array(4), [4])];
      const counts = r.temporary({ dtype: "u32", shape: [partials, 4] });
      const output = r.temporary({ dtype: "u32", shape: [4] });
      r.dispatch(partialPage, {
        bind: { mask, truth, counts },
        groups: [partials, 1, 1],
        iterations: Math.ceil(elements / (partials * groupSize)) + workgroupIterations,
      });
      r.dispatch(page, { bind: { counts, output }, groups: [1, 1, 1], iterations: workgroupIterations });
      return [output];
    },
    twin: confusionTwin,
    bound: 0,
  },
);
