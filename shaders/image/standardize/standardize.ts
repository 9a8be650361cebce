import { z } from "npm:zod@4.6.7";
import { definePage, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { showShape, sizeOf, texelsOf } from "../../shape.ts";
import { checkFloat } from "../../checks.ts";
import { texelGroups } from "../../groups.ts";
import { standardizeTwin } from "./standardize_twin.ts";
import text from "./standardize.wgsl" with { type: "text" };

/** Options of {@linkcode standardize}. */
export interface StandardizeOptions {
  /** The way back: x * deviation + mean. Default false. */
  inverse: boolean;
}

const page = definePage({
  name: "standardize",
  file: import.meta.resolve("./standardize.wgsl"),
  text,
  bindings: [
    { name: "input", access: "read", layout: "rows4" },
    { name: "statistics", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "rows4" },
  ],
});

/**
 * `standardize(r, x, statistics)`: (x - mean) / deviation with what {@linkcode statistics} gave, of the same tensor or of
 * another one; with `inverse` x * deviation + mean. A deviation of 0 counts as 1. Any shape, f32; with statistics `[N, 5]` each part along
 * the first axis by its own.
 */
export const standardize: Callable<[Value, Value], StandardizeOptions> = defineCallable<
  [Value, Value],
  StandardizeOptions
>(2, {
  name: "standardize",
  options: optionsOf(z.strictObject({ inverse: z.boolean().default(false) })),
  outputs: ([input, statistics]) => {
    checkFloat("standardize", "image", input);
    const wanted = statistics.shape.length === 2 ? [input.shape[0], 5] : [5];
    if (statistics.shape.join() !== wanted.join() || (wanted.length === 2 && input.shape.length < 3)) {
      throw new RangeError(
        `standardize got the shape ${showShape(statistics.shape)} as statistics: it must be [5], or [${
          input.shape[0]
        }, 5] with an ` +
          "image of three axes or more",
      );
    }
    return [{ dtype: "f32", shape: input.shape }];
  },
  cost: ([input]) => ({ bytes: 8 * sizeOf(input.shape), flops: 2 * sizeOf(input.shape) }),
  record: (r, [input, statistics], { inverse }) => {
    const output = r.temporary({ dtype: "f32", shape: input.shape });
    if (sizeOf(input.shape) > 0) {
      r.dispatch(page, {
        bind: { input, statistics, output },
        params: { layers: texelsOf("rows4", input.shape)[2] / (statistics.shape.length === 2 ? input.shape[0] : 1) },
        overrides: { INVERSE: Number(inverse) },
        groups: texelGroups(input.shape, texelsOf("rows4", input.shape)[2]),
        iterations: 1,
      });
    }
    return [output];
  },
  twin: standardizeTwin,
  bound: 3e-7,
});
