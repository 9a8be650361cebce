import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, showShape, sizeOf } from "../../shape.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { costOf } from "../cost.ts";
import text from "./determinant.wgsl" with { type: "text" };
import { determinantCases } from "./determinant_cases.ts";

/** `determinant` has no options. */
export type DeterminantOptions = Record<never, never>;

const page: Page = definePage({
  name: "determinant",
  file: import.meta.resolve("./determinant.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "rows", access: "read_write", layout: "linear" },
    { name: "y", access: "read_write", layout: "linear" },
  ],
});

function check({ dtype, shape }: Spec): number {
  const size = shape.at(-1) ?? 0;
  if (!isFloat(dtype) || shape.length < 2 || shape.at(-2) !== size) {
    throw new RangeError(`determinant takes floats [..., n, n], not ${dtype} ${showShape(shape)}`);
  }
  if (iterationsOf(size) > iterationLimit) throw new RangeError(`determinant: matrices of ${size} rows are too large`);
  return size;
}

/** Of the first column, in which the matrix is copied as well. */
const iterationsOf = (size: number): number => 2 * nestedIterations([size, size]) + 2 * nestedIterations([size]);

/**
 * Determinants of the matrices of the last two axes, by elimination with the greatest element of a column as its pivot.
 * Source: ONNX `Det`. O(matrices n^3), one dispatch per column.
 */
export const determinant: Operation<DeterminantOptions> = {
  name: "determinant",
  options: optionsOf<DeterminantOptions>(z.strictObject({})),
  outputs: ([x]) => {
    check(x);
    return [{ dtype: x.dtype, shape: x.shape.slice(0, -2) }];
  },
  cost: (inputs, options) => {
    return costOf(inputs, determinant.outputs(inputs, options), sizeOf(inputs[0].shape) * inputs[0].shape.at(-1)!);
  },
  record: (r, [x], options) => {
    const [spec] = determinant.outputs([x], options);
    const size = check(x);
    if (sizeOf(spec.shape) === 0) return [r.temporary(spec)];
    // The product of no pivots.
    if (size === 0) {
      return [r.reshape(r.constant(new Float32Array(sizeOf(spec.shape)).fill(1), [sizeOf(spec.shape)]), spec.shape)];
    }
    const y = r.temporary(spec);
    const rows = r.temporary({ dtype: x.dtype, shape: [sizeOf(x.shape)] });
    for (let column = 0; column < size; column++) {
      r.dispatch(page, {
        bind: { x, rows, y },
        params: { size, column, matrices: sizeOf(spec.shape) },
        groups: Math.ceil(sizeOf(spec.shape) / 64),
        iterations: iterationsOf(size),
      });
    }
    return [y];
  },
  twin: ([x]: readonly HostTensor[]) => {
    const size = check(x), matrices = sizeOf(x.shape.slice(0, -2));
    const data = new Float64Array(matrices);
    for (let m = 0; m < matrices; m++) {
      const a = Array.from(
        { length: size },
        (_, i) => Array.from(x.data.subarray((m * size + i) * size, (m * size + i + 1) * size)),
      );
      let result = 1;
      for (let column = 0; column < size; column++) {
        let pivot = column;
        for (let i = column; i < size; i++) if (Math.abs(a[i][column]) > Math.abs(a[pivot][column])) pivot = i;
        if (pivot !== column) {
          [a[pivot], a[column]] = [a[column], a[pivot]];
          result = -result;
        }
        result *= a[column][column];
        if (a[column][column] === 0) break;
        for (let i = column + 1; i < size; i++) {
          const factor = a[i][column] / a[column][column];
          for (let j = column; j < size; j++) a[i][j] -= factor * a[column][j];
        }
      }
      data[m] = result;
    }
    return [{ dtype: x.dtype, shape: x.shape.slice(0, -2), data }];
  },
  // Each element is changed n times in f32. Reached: 4e-7.
  bound: 1.5e-6,
  cases: determinantCases,
};
