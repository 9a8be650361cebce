import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { recordSort } from "../sort/sort.ts";
import text from "./top_k.wgsl" with { type: "text" };
import { topKCases } from "./top_k_cases.ts";

/** Options of the search for the greatest or least elements. */
export interface TopKOptions {
  /** How many, at most the size of the axis. */
  readonly k: number;
  /** The axis that is searched, from -rank to rank - 1. Default -1. */
  readonly axis: number;
  /** The greatest elements, not the least. Default true. */
  readonly largest: boolean;
}

const page: Page = definePage({
  name: "top_k",
  file: import.meta.resolve("./top_k.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "pairs", access: "read", layout: "linear", element: "u32" },
    { name: "values", access: "write", layout: "linear", element: "word" },
    { name: "indices", access: "write", layout: "linear", element: "i32" },
  ],
});

/**
 * The `k` greatest (or least) elements along an axis, sorted, and their indices as i64. Of equal elements the first comes
 * first; NaN is beyond all numbers. Source: ONNX `TopK`. O(n log^2 n) for an axis of n, by bitonic sorting.
 *
 * Outputs: values, indices.
 */
export const topK: Operation<TopKOptions> = {
  name: "topK",
  options: optionsOf<TopKOptions>(z.strictObject({
    k: z.int().nonnegative(),
    axis: z.int().default(-1),
    largest: z.boolean().default(true),
  })),
  outputs: ([{ dtype, shape }], { k, ...options }) => {
    const axis = axisOf("topK", options.axis, shape.length);
    if (k > shape[axis]) {
      throw new RangeError(`topK: k is ${k}, but axis ${axis} of ${showShape(shape)} has fewer elements`);
    }
    const result = shape.with(axis, k);
    return [{ dtype, shape: result }, { dtype: "i64", shape: result }];
  },
  cost: (inputs, options) => {
    const size = sizeOf(inputs[0].shape);
    return costOf(inputs, topK.outputs(inputs, options), size * Math.ceil(Math.log2(Math.max(2, size))));
  },
  record: (r, [x], options) => {
    const [values, indices] = topK.outputs([x], options).map((spec) => r.temporary(spec));
    if (sizeOf(values.shape) === 0) return [values, indices];
    const axis = axisOf("topK", options.axis, x.shape.length);
    const length = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1));
    const { pairs, size } = recordSort(r, x, { length, inner, descending: options.largest });
    r.dispatch(page, {
      bind: { x, pairs, values, indices },
      params: { size, length, inner, k: options.k },
      groups: Math.ceil(sizeOf(indices.shape) / 64),
      iterations: 0,
    });
    return [values, indices];
  },
  twin: ([x]: readonly HostTensor[], options) => {
    const axis = axisOf("topK", options.axis, x.shape.length);
    const { k, largest } = options;
    const length = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1));
    const shape = x.shape.with(axis, k);
    const values = new Float64Array(sizeOf(shape)), indices = new Float64Array(sizeOf(shape));
    for (let line = 0; line < sizeOf(shape) / (k || 1); line++) {
      const outer = Math.floor(line / inner), i = line % inner;
      const rank = (at: number) => {
        const value = x.data[(outer * length + at) * inner + i];
        const ascending = Number.isNaN(value) ? [1, 0] : [0, value];
        return largest ? ascending.map((part) => -part) : ascending;
      };
      const order = Array.from({ length }, (_, at) => at).sort((a, b) => {
        const [first, second] = [rank(a), rank(b)];
        if (first[0] !== second[0]) return first[0] - second[0];
        return first[1] === second[1] ? a - b : first[1] < second[1] ? -1 : 1;
      });
      for (let place = 0; place < k; place++) {
        const at = (outer * k + place) * inner + i;
        indices[at] = order[place];
        values[at] = x.data[(outer * length + order[place]) * inner + i];
      }
    }
    return [{ dtype: x.dtype, shape, data: values }, { dtype: "i64", shape, data: indices }];
  },
  // Words are moved.
  bound: 0,
  cases: topKCases,
};
