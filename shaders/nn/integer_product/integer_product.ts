import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid, integers, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { broadcastStrides, isFloat, positions, showShape, sizeOf } from "../../shape.ts";
import { wrapParams, wrapTwin } from "../integers.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { broadcast } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { strided, stridedIterations, stridedParams } from "../strided.ts";
import text from "./integer_product.wgsl" with { type: "text" };
import { integerProductCases } from "./integer_product_cases.ts";

/** `integerProduct` has no options. */
export type IntegerProductOptions = Record<never, never>;

const page: Page = definePage({
  name: "integer_product",
  file: import.meta.resolve("./integer_product.wgsl"),
  text,
  libs: [grid, loops, integers, strided],
  bindings: [
    { name: "a", access: "read", layout: "linear", element: "i32" },
    { name: "b", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear", element: "i32" },
  ],
});

interface Sizes {
  readonly outer: readonly number[];
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
}

function sizes([a, b]: readonly Spec[]): Sizes {
  if (isFloat(a.dtype) || a.dtype === "bool" || a.dtype !== b.dtype) {
    throw new TypeError(
      `integerProduct takes two inputs of one integer type, not ${a.dtype} and ${b.dtype}: cast them`,
    );
  }
  if (a.shape.length < 2 || b.shape.length < 2 || a.shape.at(-1) !== b.shape.at(-2)) {
    throw new RangeError(
      `integerProduct: ${showShape(a.shape)} and ${showShape(b.shape)} are no matrices that can be multiplied`,
    );
  }
  const outer = broadcast("integerProduct", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return { outer, rows: a.shape.at(-2)!, depth: a.shape.at(-1)!, columns: b.shape.at(-1)! };
}

/**
 * Matrix product of the last two axes of integers, with the leading ones broadcast: exact, wrapping as the type does (64
 * bits as 32). Source: ONNX `MatMul` and `MatMulInteger`. O(batch M N K).
 *
 * Inputs: a, b.
 */
export const integerProduct: Operation<IntegerProductOptions> = {
  name: "integerProduct",
  options: optionsOf<IntegerProductOptions>(z.strictObject({})),
  outputs: (inputs) => {
    const { outer, rows, columns } = sizes(inputs);
    return [{ dtype: inputs[0].dtype, shape: [...outer, rows, columns] }];
  },
  cost: (inputs, options) => {
    const outputs = integerProduct.outputs(inputs, options);
    return costOf(inputs, outputs, 2 * sizeOf(outputs[0].shape) * sizes(inputs).depth);
  },
  record: (r, [a, b], options) => {
    const [spec] = integerProduct.outputs([a, b], options);
    const { outer, rows, depth, columns } = sizes([a, b]);
    if (sizeOf(spec.shape) === 0) return [r.temporary(spec)];
    if (depth === 0) {
      return [r.reshape(r.constant(new Int32Array(sizeOf(spec.shape)), [sizeOf(spec.shape)]), spec.shape)];
    }
    const iterations = stridedIterations + nestedIterations([depth]);
    if (iterations > iterationLimit) {
      throw new RangeError(`integerProduct: rows of ${depth} elements are more than ${iterationLimit}: split them`);
    }
    const matrices = (shape: readonly number[], size: number) =>
      broadcastStrides(shape.slice(0, -2), outer).map((stride) => stride * size);
    const y = r.temporary(spec);
    r.dispatch(page, {
      bind: { a, b, y },
      params: {
        ...stridedParams("integerProduct", [...outer, rows, columns], [
          [...matrices(a.shape, rows * depth), depth, 0],
          [...matrices(b.shape, depth * columns), 0, 1],
        ]),
        depth,
        columns,
        ...wrapParams(spec.dtype),
      },
      groups: Math.ceil(sizeOf(spec.shape) / 64),
      iterations,
    });
    return [y];
  },
  twin: ([a, b]: readonly HostTensor[]) => {
    const { outer, rows, depth, columns } = sizes([a, b]);
    const [strideA, strideB] = [a, b].map(({ shape }) => broadcastStrides(shape.slice(0, -2), outer));
    const data: number[] = [];
    for (const at of positions([...outer, rows, columns])) {
      const [row, column] = at.slice(-2);
      const dot = (strides: readonly number[]) => strides.reduce((sum, stride, axis) => sum + stride * at[axis], 0);
      let sum = 0n;
      for (let k = 0; k < depth; k++) {
        const left = a.data[(dot(strideA) * rows + row) * depth + k];
        sum += BigInt(left) * BigInt(b.data[(dot(strideB) * depth + k) * columns + column]);
      }
      data.push(wrapTwin(Number(BigInt.asIntN(32, sum)), a.dtype));
    }
    return [{ dtype: a.dtype, shape: [...outer, rows, columns], data: Float64Array.from(data) }];
  },
  // Integers.
  bound: 0,
  bulk: true,
  cases: integerProductCases,
};
