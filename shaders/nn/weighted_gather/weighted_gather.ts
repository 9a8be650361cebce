import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, showShape, sizeOf } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import text from "./weighted_gather.wgsl" with { type: "text" };
import { weightedGatherCases } from "./weighted_gather_cases.ts";

/** Options of sums of weighted slices. */
export interface WeightedGatherOptions {
  /** The axis that the indices stand for, from -rank to rank - 1. Default 0. */
  readonly axis: number;
}

const page: Page = definePage({
  name: "weighted_gather",
  file: import.meta.resolve("./weighted_gather.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "indices", access: "read", layout: "linear", element: "i32" },
    { name: "weights", access: "read", layout: "linear" },
    { name: "y", access: "write", layout: "linear" },
  ],
});

function check([x, indices, weights]: readonly Spec[], axis: number): void {
  const fits = isFloat(x.dtype) && isFloat(weights.dtype) && (indices.dtype === "i32" || indices.dtype === "i64") &&
    indices.shape.length === 2 && String(indices.shape) === String(weights.shape) &&
    (x.shape[axis] > 0 || sizeOf(indices.shape) === 0);
  if (fits) return;
  throw new RangeError(
    `weightedGather takes floats ${showShape(x.shape)}, indices and weights [result, taps], not ${indices.dtype} ${
      showShape(indices.shape)
    } and ${weights.dtype} ${showShape(weights.shape)}`,
  );
}

/**
 * Each slice of the result along an axis is a weighted sum of slices of x: what a resampling with a finite kernel does
 * along one axis. Indices outside take the nearest slice. O(elements of the result * taps).
 *
 * Inputs: x, indices `[result, taps]` (i32 or i64), weights `[result, taps]`.
 */
export const weightedGather: Operation<WeightedGatherOptions> = {
  name: "weightedGather",
  options: optionsOf<WeightedGatherOptions>(z.strictObject({ axis: z.int().default(0) })),
  outputs: (inputs, options) => {
    const [x, indices] = inputs;
    const axis = axisOf("weightedGather", options.axis, x.shape.length);
    check(inputs, axis);
    return [{ dtype: x.dtype, shape: x.shape.with(axis, indices.shape[0]) }];
  },
  cost: (inputs, options) => {
    const outputs = weightedGather.outputs(inputs, options);
    return costOf(inputs, outputs, 2 * sizeOf(outputs[0].shape) * inputs[1].shape[1]);
  },
  record: (r, [x, indices, weights], options) => {
    const y = r.temporary(weightedGather.outputs([x, indices, weights], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const axis = axisOf("weightedGather", options.axis, x.shape.length);
    const [results, taps] = indices.shape;
    r.dispatch(page, {
      bind: { x, indices, weights, y },
      params: { size: x.shape[axis], results, taps, inner: sizeOf(x.shape.slice(axis + 1)) },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: nestedIterations([taps]),
    });
    return [y];
  },
  twin: ([x, indices, weights]: readonly HostTensor[], options) => {
    const axis = axisOf("weightedGather", options.axis, x.shape.length);
    const [results, taps] = indices.shape;
    const size = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1));
    const shape = x.shape.with(axis, results);
    const data = new Float64Array(sizeOf(shape));
    for (let index = 0; index < data.length; index++) {
      const line = Math.floor(index / inner);
      const begin = line % results * taps;
      for (let tap = 0; tap < taps; tap++) {
        const at = Math.min(Math.max(indices.data[begin + tap], 0), size - 1);
        data[index] += weights.data[begin + tap] *
          x.data[(Math.floor(line / results) * size + at) * inner + index % inner];
      }
    }
    return [{ dtype: x.dtype, shape, data }];
  },
  // A sum of some products in f32. Reached: 1e-7.
  bound: 4e-7,
  cases: weightedGatherCases,
};
