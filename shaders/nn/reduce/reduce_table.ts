/** The kinds of reductions: what their pages do and their twins. */

import type { ReduceKind } from "./reduce.ts";

/** One kind; `logSumExp` is made of others. */
export interface ReduceFunction {
  /** Overrides of the pages: 0 sum, 1 product, 2 greatest, 3 least. */
  readonly combine: number;
  /** 0 nothing, 1 square, 2 magnitude. */
  readonly before: number;
  /** 0 nothing, 1 square root, 2 logarithm, 3 divide by the number of elements, 4 the same and square root. */
  readonly after: number;
  /** Its value of no elements. */
  readonly empty: number;
  /** The kind in f64. */
  readonly twin: (values: readonly number[]) => number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const meanSquare = (values: readonly number[]) => sum(values.map((x) => x * x)) / values.length;

/** The kinds by name. */
export const reduceFunctions: Readonly<Record<ReduceKind, ReduceFunction>> = {
  sum: { combine: 0, before: 0, after: 0, empty: 0, twin: sum },
  mean: { combine: 0, before: 0, after: 3, empty: NaN, twin: (values) => sum(values) / values.length },
  max: {
    combine: 2,
    before: 0,
    after: 0,
    empty: -Infinity,
    twin: (values) => values.reduce((a, b) => Math.max(a, b), -Infinity),
  },
  min: {
    combine: 3,
    before: 0,
    after: 0,
    empty: Infinity,
    twin: (values) => values.reduce((a, b) => Math.min(a, b), Infinity),
  },
  prod: { combine: 1, before: 0, after: 0, empty: 1, twin: (values) => values.reduce((a, b) => a * b, 1) },
  sumSquare: { combine: 0, before: 1, after: 0, empty: 0, twin: (values) => sum(values.map((x) => x * x)) },
  meanSquare: { combine: 0, before: 1, after: 3, empty: NaN, twin: meanSquare },
  rootMeanSquare: { combine: 0, before: 1, after: 4, empty: NaN, twin: (values) => Math.sqrt(meanSquare(values)) },
  l1: { combine: 0, before: 2, after: 0, empty: 0, twin: (values) => sum(values.map(Math.abs)) },
  l2: { combine: 0, before: 1, after: 1, empty: 0, twin: (values) => Math.sqrt(sum(values.map((x) => x * x))) },
  logSum: { combine: 0, before: 0, after: 2, empty: -Infinity, twin: (values) => Math.log(sum(values)) },
  logSumExp: {
    combine: 0,
    before: 0,
    after: 2,
    empty: -Infinity,
    twin: (values) => {
      const greatest = values.reduce((a, b) => Math.max(a, b), -Infinity);
      const top = Math.abs(greatest) === Infinity ? 0 : greatest;
      return top + Math.log(sum(values.map((x) => Math.exp(x - top))));
    },
  },
};
