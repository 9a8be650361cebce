import { z } from "npm:zod@4.6.7";
import { definePage, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid } from "../../lib/mod.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { sizeOf } from "../../shape.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupsFor } from "../../groups.ts";
import { checkBoxes } from "../crop/crop.ts";
import { replaceEmptyTwin } from "./replace_empty_twin.ts";
import text from "./replace_empty.wgsl" with { type: "text" };

/** Options of {@linkcode replaceEmpty}. */
export interface ReplaceEmptyOptions {
  /** The row, K numbers, that stands for "nothing found". */
  row: number[];
}

const page = definePage({
  name: "replace_empty",
  file: import.meta.resolve("./replace_empty.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "input", access: "read", layout: "linear" },
    { name: "boxes", access: "read", layout: "linear" },
    { name: "row", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/**
 * `replaceEmpty(r, values, boxes, { row })`: `[N, K]` values, such as probabilities of classes, with `row` in place of those
 * that belong to an empty box of `[N, 4]` (x1 <= x0 or y1 <= y0). Exact.
 */
export const replaceEmpty: Callable<[Value, Value], ReplaceEmptyOptions> = defineCallable<
  [Value, Value],
  ReplaceEmptyOptions
>(2, {
  name: "replaceEmpty",
  options: optionsOf(z.strictObject({ row: z.array(z.number()) })),
  outputs: ([input, boxes], { row }) => {
    checkFloat("replaceEmpty", "values", input);
    checkBoxes("replaceEmpty", boxes);
    const form = `[${boxes.shape[0]}, ${row.length}]`;
    checkRank("replaceEmpty", "values", input, input.shape[0] === boxes.shape[0] ? [2] : [], form);
    checkRank("replaceEmpty", "values", input, input.shape[1] === row.length ? [2] : [], form);
    return [{ dtype: "f32", shape: input.shape }];
  },
  cost: ([input]) => ({ bytes: 8 * sizeOf(input.shape), flops: 0 }),
  record: (r, [input, boxes], { row }) => {
    const output = r.temporary({ dtype: "f32", shape: input.shape });
    if (sizeOf(input.shape) > 0) {
      r.dispatch(page, {
        bind: { input, boxes, row: r.constant(Float32Array.from(row), [row.length]), output },
        groups: groupsFor(input.shape),
        iterations: 1,
      });
    }
    return [output];
  },
  twin: replaceEmptyTwin,
  bound: 0,
});
