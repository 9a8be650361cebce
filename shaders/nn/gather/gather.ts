import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import text from "./gather.wgsl" with { type: "text" };
import { gatherCases } from "./gather_cases.ts";

/** Options of a gathering. */
export interface GatherOptions {
  /** The axis that the indices stand for, from -rank to rank - 1. Default 0. */
  readonly axis: number;
}

const page: Page = definePage({
  name: "gather",
  file: import.meta.resolve("./gather.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "indices", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear", element: "word" },
  ],
});

/**
 * The slices of x that the indices (i32 or i64) name along an axis, in the place of that axis; any type. Negative indices
 * count from the end; those outside take the nearest slice. Source: ONNX `Gather`. O(elements of the result).
 *
 * Inputs: x, indices.
 */
export const gather: Operation<GatherOptions> = {
  name: "gather",
  options: optionsOf<GatherOptions>(z.strictObject({ axis: z.int().default(0) })),
  outputs: ([x, indices], options) => {
    const axis = axisOf("gather", options.axis, x.shape.length);
    if (indices.dtype !== "i32" && indices.dtype !== "i64") {
      throw new TypeError(`gather: indices are ${indices.dtype}, but must be i32 or i64: cast them`);
    }
    if (x.shape[axis] === 0 && sizeOf(indices.shape) > 0) {
      throw new RangeError(`gather: axis ${axis} of [${x.shape.join(", ")}] has no elements for the indices to name`);
    }
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }];
  },
  cost: (inputs, options) => {
    const outputs = gather.outputs(inputs, options);
    return costOf([inputs[1], ...outputs], outputs, 0);
  },
  record: (r, [x, indices], options) => {
    const axis = axisOf("gather", options.axis, x.shape.length);
    const y = r.temporary(gather.outputs([x, indices], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    r.dispatch(page, {
      bind: { x, indices, y },
      params: { size: x.shape[axis], inner: sizeOf(x.shape.slice(axis + 1)), indices: sizeOf(indices.shape) },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: 0,
    });
    return [y];
  },
  twin: ([x, indices]: readonly HostTensor[], options) => {
    const axis = axisOf("gather", options.axis, x.shape.length);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    const size = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1)), outer = sizeOf(x.shape.slice(0, axis));
    const data = new Float64Array(sizeOf(shape));
    let index = 0;
    for (let o = 0; o < outer; o++) {
      for (const given of indices.data) {
        const at = Math.min(Math.max(given < 0 ? given + size : given, 0), size - 1);
        for (let i = 0; i < inner; i++) data[index++] = x.data[(o * size + at) * inner + i];
      }
    }
    return [{ dtype: x.dtype, shape, data }];
  },
  // Words are moved.
  bound: 0,
  moves: [0],
  cases: gatherCases,
};
