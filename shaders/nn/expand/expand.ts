import { z } from "npm:zod@4.6.7";
import type { HostTensor, Operation } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { broadcastStrides, positions, sizeOf } from "../../shape.ts";
import { broadcast } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { recordStrided } from "../strided_copy.ts";
import { expandCases } from "./expand_cases.ts";

/** Options of a broadcast. */
export interface ExpandOptions {
  /** Shape to broadcast with, as NumPy does: axes of size 1 may be either's. */
  readonly shape: readonly number[];
}

/** Repeats axes of size 1; any type. Source: ONNX `Expand`. O(elements of the result). */
export const expand: Operation<ExpandOptions> = {
  name: "expand",
  options: optionsOf<ExpandOptions>(z.strictObject({ shape: z.array(z.int().nonnegative()) })),
  outputs: ([x], { shape }) => [{ dtype: x.dtype, shape: broadcast("expand", x.shape, shape) }],
  cost: (inputs, options) => costOf(inputs, expand.outputs(inputs, options), 0),
  record: (r, [x], options) => {
    const shape = broadcast("expand", x.shape, options.shape);
    return [recordStrided(r, "expand", x, { shape, strides: broadcastStrides(x.shape, shape), begin: 0 })];
  },
  twin: ([x]: readonly HostTensor[], options) => {
    const shape = broadcast("expand", x.shape, options.shape);
    const data = new Float64Array(sizeOf(shape));
    let index = 0;
    for (const at of positions(shape)) {
      let from = 0;
      x.shape.forEach((size, axis) => from = from * size + (size === 1 ? 0 : at[axis + shape.length - x.shape.length]));
      data[index++] = x.data[from];
    }
    return [{ dtype: x.dtype, shape, data }];
  },
  // Words are moved.
  bound: 0,
  moves: "all",
  cases: expandCases,
};
