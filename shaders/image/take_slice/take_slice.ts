import { z } from "npm:zod@4.6.7";
import { definePage, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { texelGroups } from "../../groups.ts";
import { takeSliceTwin } from "./take_slice_twin.ts";
import text from "./take_slice.wgsl" with { type: "text" };

/** `takeSlice` has no options. */
export type TakeSliceOptions = Record<never, never>;

const page = definePage({
  name: "take_slice",
  file: import.meta.resolve("./take_slice.wgsl"),
  text,
  bindings: [
    { name: "input", access: "read", layout: "rows4" },
    { name: "slice", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "rows4" },
  ],
});

/**
 * `takeSlice(r, volume, slice)`: the slice of a volume `[C, D, H, W]` whose number, f32 `[1]`, was computed on the device, as
 * by {@linkcode largestSlice}: `[C, H, W]`. A number beyond the volume counts as the nearest slice. Pixels are moved, exact.
 */
export const takeSlice: Callable<[Value, Value], TakeSliceOptions> = defineCallable<[Value, Value], TakeSliceOptions>(
  2,
  {
    name: "takeSlice",
    options: optionsOf(z.strictObject({})),
    outputs: ([input, slice]) => {
      checkFloat("takeSlice", "volume", input);
      checkFloat("takeSlice", "slice", slice);
      checkRank("takeSlice", "volume", input, input.shape[1] === 0 ? [] : [4], "[C, D, H, W] of at least one slice");
      if (slice.shape.join() !== "1") {
        throw new RangeError(`takeSlice got the shape ${showShape(slice.shape)} as slice: it must be [1]`);
      }
      return [{ dtype: "f32", shape: [input.shape[0], ...input.shape.slice(2)] }];
    },
    cost: ([input]) => ({ bytes: 8 * sizeOf(input.shape) / input.shape[1], flops: 0 }),
    record: (r, [input, slice]) => {
      const shape = [input.shape[0], ...input.shape.slice(2)];
      const output = r.temporary({ dtype: "f32", shape });
      if (sizeOf(shape) > 0) {
        r.dispatch(page, {
          bind: { input, slice, output },
          params: { slices: input.shape[1] },
          groups: texelGroups(shape, shape[0]),
          iterations: 1,
        });
      }
      return [output];
    },
    twin: takeSliceTwin,
    bound: 0,
  },
);
