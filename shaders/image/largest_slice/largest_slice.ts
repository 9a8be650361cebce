import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf, texelsOf } from "../../shape.ts";
import { loops, workgroup, workgroupIterations } from "../../lib/mod.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupSize } from "../../groups.ts";
import { largestSliceTwin } from "./largest_slice_twin.ts";
import area from "./largest_slice_area.wgsl" with { type: "text" };
import text from "./largest_slice.wgsl" with { type: "text" };

/** `largestSlice` has no options. */
export type LargestSliceOptions = Record<never, never>;

const areaPage = definePage({
  name: "largest_slice_area",
  file: import.meta.resolve("./largest_slice_area.wgsl"),
  text: area,
  libs: [loops, workgroup],
  bindings: [
    { name: "input", access: "read", layout: "rows4" },
    { name: "areas", access: "write", layout: "linear", element: "u32" },
  ],
});
const page = definePage({
  name: "largest_slice",
  file: import.meta.resolve("./largest_slice.wgsl"),
  text,
  libs: [loops],
  bindings: [
    { name: "areas", access: "read", layout: "linear", element: "u32" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/**
 * The number of the slice of a mask `[D, H, W]` in which the most pixels are above 0.5, as f32 `[1]` for
 * {@linkcode takeSlice}; of equals the first, 0 where none is set. One pass over the mask, exact. O(pixels).
 */
export const largestSlice: Filter<LargestSliceOptions> = defineOperation<LargestSliceOptions>({
  name: "largestSlice",
  options: optionsOf(z.strictObject({})),
  outputs: ([mask]) => {
    checkFloat("largestSlice", "mask", mask);
    checkRank("largestSlice", "mask", mask, [3], "[D, H, W]");
    return [{ dtype: "f32", shape: [1] }];
  },
  cost: ([mask]) => ({ bytes: 4 * sizeOf(mask.shape), flops: sizeOf(mask.shape) }),
  record: (r, [input]) => {
    if (sizeOf(input.shape) === 0) return [r.constant(new Float32Array(1), [1])];
    const [columns, rows, layers] = texelsOf("rows4", input.shape);
    const areas = r.temporary({ dtype: "u32", shape: [layers] });
    const output = r.temporary({ dtype: "f32", shape: [1] });
    r.dispatch(areaPage, {
      bind: { input, areas },
      params: { width: input.shape[2] },
      groups: [1, 1, layers],
      iterations: Math.ceil(columns * rows / groupSize) + workgroupIterations,
    });
    r.dispatch(page, { bind: { areas, output }, groups: [1, 1, 1], iterations: Math.ceil(layers / groupSize) + 6 });
    return [output];
  },
  twin: largestSliceTwin,
  // Counts.
  bound: 0,
});
