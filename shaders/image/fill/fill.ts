import { z } from "npm:zod@4.6.7";
import { definePage, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { checkFloat } from "../../checks.ts";
import { texelSlabs } from "../../groups.ts";
import { fillTwin } from "./fill_twin.ts";
import text from "./fill.wgsl" with { type: "text" };

/** Options of {@linkcode fill}. */
export interface FillOptions {
  /** What takes the place of pixels that are not valid. Rounded to f32. Default 0. */
  value: number;
}

const page = definePage({
  name: "fill",
  file: import.meta.resolve("./fill.wgsl"),
  text,
  bindings: [
    { name: "input", access: "read", layout: "rows4" },
    { name: "valid", access: "read", layout: "rows4" },
    { name: "output", access: "write", layout: "rows4" },
  ],
});

/**
 * `fill(r, image, valid, { value })`: the image where a mask of the same shape is above 0.5, else `value`, as for pixels that
 * stand for no measurement. Any shape, f32.
 */
export const fill: Callable<[Value, Value], FillOptions> = defineCallable<[Value, Value], FillOptions>(2, {
  name: "fill",
  options: optionsOf(z.strictObject({ value: z.number().default(0) })),
  outputs: ([input, valid]) => {
    checkFloat("fill", "image", input);
    checkFloat("fill", "valid", valid);
    if (input.shape.join() !== valid.shape.join()) {
      throw new RangeError(
        `fill got the shape ${showShape(valid.shape)} as valid: it must be ${showShape(input.shape)}`,
      );
    }
    return [{ dtype: "f32", shape: input.shape }];
  },
  cost: ([input]) => ({ bytes: 12 * sizeOf(input.shape), flops: 0 }),
  record: (r, [input, valid], { value }) => {
    const output = r.temporary({ dtype: "f32", shape: input.shape });
    if (sizeOf(input.shape) > 0) {
      r.dispatch(page, {
        bind: { input, valid, output },
        params: { value },
        iterations: 1,
        ...texelSlabs(input.shape),
      });
    }
    return [output];
  },
  twin: fillTwin,
  bound: 0,
});
