import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { broadcastStrides, positions, sizeOf } from "../../shape.ts";
import { broadcast } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { strided, stridedIterations, stridedParams } from "../strided.ts";
import text from "./where.wgsl" with { type: "text" };
import { whereCases } from "./where_cases.ts";

/** `where` has no options. */
export type WhereOptions = Record<never, never>;

const page: Page = definePage({
  name: "where",
  file: import.meta.resolve("./where.wgsl"),
  text,
  libs: [grid, loops, strided],
  bindings: [
    { name: "condition", access: "read", layout: "linear", element: "word" },
    { name: "a", access: "read", layout: "linear", element: "word" },
    { name: "b", access: "read", layout: "linear", element: "word" },
    { name: "y", access: "write", layout: "linear", element: "word" },
  ],
});

/**
 * a where the condition (bool) holds, else b, all three broadcast; any type. Source: ONNX `Where`. O(elements).
 *
 * Inputs: condition, a, b.
 */
export const where: Operation<WhereOptions> = {
  name: "where",
  options: optionsOf<WhereOptions>(z.strictObject({})),
  outputs: ([condition, a, b]) => {
    if (condition.dtype !== "bool" || a.dtype !== b.dtype) {
      throw new TypeError(
        `where takes a bool condition and two inputs of one type, not ${condition.dtype}, ${a.dtype} and ${b.dtype}: cast them`,
      );
    }
    return [{ dtype: a.dtype, shape: broadcast("where", condition.shape, a.shape, b.shape) }];
  },
  cost: (inputs, options) => costOf(inputs, where.outputs(inputs, options), 0),
  record: (r, [condition, a, b], options) => {
    const y = r.temporary(where.outputs([condition, a, b], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const strides = [condition, a, b].map(({ shape }) => broadcastStrides(shape, y.shape));
    r.dispatch(page, {
      bind: { condition, a, b, y },
      params: stridedParams("where", y.shape, strides),
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: stridedIterations,
    });
    return [y];
  },
  twin: ([condition, a, b]: readonly HostTensor[]) => {
    const shape = broadcast("where", condition.shape, a.shape, b.shape);
    const [c, strideA, strideB] = [condition, a, b].map((input) => broadcastStrides(input.shape, shape));
    const dot = (at: readonly number[], strides: readonly number[]) =>
      at.reduce((sum, position, axis) => sum + position * strides[axis], 0);
    const data = new Float64Array(sizeOf(shape));
    let index = 0;
    for (const at of positions(shape)) {
      data[index++] = condition.data[dot(at, c)] !== 0 ? a.data[dot(at, strideA)] : b.data[dot(at, strideB)];
    }
    return [{ dtype: a.dtype, shape, data }];
  },
  // Words are moved.
  bound: 0,
  moves: [1, 2],
  cases: whereCases,
};
