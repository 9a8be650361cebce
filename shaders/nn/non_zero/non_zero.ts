import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, positions, showShape, sizeOf } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { costOf } from "../cost.ts";
import text from "./non_zero.wgsl" with { type: "text" };
import { nonZeroCases } from "./non_zero_cases.ts";
import sumText from "./sum_counts.wgsl" with { type: "text" };

/** `nonZero` has no options. */
export type NonZeroOptions = Record<never, never>;

const page: Page = definePage({
  name: "non_zero",
  file: import.meta.resolve("./non_zero.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "before", access: "read", layout: "linear", element: "u32" },
    { name: "total", access: "read", layout: "linear", element: "i32" },
    { name: "counts", access: "write", layout: "linear", element: "u32" },
    { name: "indices", access: "write", layout: "linear", element: "i32" },
  ],
});

const sumCounts: Page = definePage({
  name: "sum_counts",
  file: import.meta.resolve("./sum_counts.wgsl"),
  text: sumText,
  bindings: [
    { name: "counts", access: "read", layout: "linear", element: "u32" },
    { name: "before", access: "write", layout: "linear", element: "u32" },
    { name: "total", access: "write", layout: "linear", element: "i32" },
  ],
});

/** Runs of elements that invocations go through: so many that all lanes are busy, and few enough to be summed by one. */
const mostRuns = 1 << 15;

/**
 * The positions of all elements that are not zero (NaN is not), in row-major order: `indices` [rank, elements], of which
 * the first `count` columns are set and the others are 0, as i64; so is `count` [1]. Any type. Sources: ONNX
 * `NonZero`, `numpy.nonzero`. O(elements).
 *
 * Outputs: indices, count.
 */
export const nonZero: Operation<NonZeroOptions> = {
  name: "nonZero",
  options: optionsOf<NonZeroOptions>(z.strictObject({})),
  outputs: ([{ shape }]) => {
    if (shape.length === 0 || shape.length > 8) {
      throw new RangeError(`nonZero: ${showShape(shape)} must have 1 to 8 axes: reshape it`);
    }
    return [{ dtype: "i64", shape: [shape.length, sizeOf(shape)] }, { dtype: "i64", shape: [1] }];
  },
  cost: (inputs, options) => costOf(inputs, nonZero.outputs(inputs, options), 0),
  record: (r, [x], options) => {
    const [indices, total] = nonZero.outputs([x], options).map((spec) => r.temporary(spec));
    const elements = sizeOf(x.shape);
    const run = Math.max(64, Math.ceil(elements / mostRuns));
    const runs = Math.ceil(elements / run);
    const axes = new Array<number>(32).fill(1);
    x.shape.toReversed().forEach((size, axis) => axes[4 * axis] = size);
    const params = { elements, run, rank: x.shape.length, axes };
    const overrides = { FLOAT: isFloat(x.dtype) ? 1 : 0 };
    const counts = r.temporary({ dtype: "u32", shape: [runs] });
    const before = r.temporary({ dtype: "u32", shape: [runs] });
    const groups = Math.ceil(runs / 64);
    r.dispatch(page, {
      bind: { x, before: null, total: null, counts, indices: null },
      params,
      overrides: { ...overrides, PLACES: 0 },
      groups,
      iterations: nestedIterations([run]),
    });
    const lane = Math.ceil(runs / 256);
    r.dispatch(sumCounts, {
      bind: { counts, before, total },
      params: { counts: runs, run: lane },
      groups: 1,
      iterations: 2 * nestedIterations([lane]) + nestedIterations([256]),
    });
    r.dispatch(page, {
      bind: { x, before, total, counts: null, indices },
      params,
      overrides: { ...overrides, PLACES: 1 },
      groups,
      iterations: 2 * nestedIterations([run, x.shape.length]),
    });
    return [indices, total];
  },
  twin: ([x]: readonly HostTensor[]) => {
    const elements = x.data.length;
    const indices = new Float64Array(x.shape.length * elements);
    let found = 0, index = 0;
    for (const at of positions(x.shape)) {
      if (x.data[index++] === 0) continue;
      for (const [axis, position] of at.entries()) indices[axis * elements + found] = position;
      found++;
    }
    return [
      { dtype: "i64", shape: [x.shape.length, elements], data: indices },
      { dtype: "i64", shape: [1], data: Float64Array.of(found) },
    ];
  },
  // Indices.
  bound: 0,
  cases: nonZeroCases,
};
