import { z } from "npm:zod@4.6.7";
import type { Operation } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { showShape, stridesOf } from "../../shape.ts";
import { costOf } from "../cost.ts";
import { recordStrided, type Strides } from "../strided_copy.ts";
import { transposeCases } from "./transpose_cases.ts";
import { transposeTwin } from "./transpose_twin.ts";

/** Options of a transposition. */
export interface TransposeOptions {
  /** Axis of the input for each axis of the result. Default: reversed. */
  readonly permutation?: readonly number[];
}

function stridesFor(shape: readonly number[], { permutation }: TransposeOptions): Strides {
  const order = permutation ?? shape.map((_, axis) => shape.length - 1 - axis);
  if (order.length !== shape.length || shape.some((_, axis) => !order.includes(axis))) {
    throw new RangeError(
      `transpose: permutation is ${showShape(order)}, but must name each axis of ${showShape(shape)} once`,
    );
  }
  const strides = stridesOf(shape);
  return { shape: order.map((axis) => shape[axis]), strides: order.map((axis) => strides[axis]), begin: 0 };
}

/** The same elements with the axes in another order; any type. Source: ONNX `Transpose`. O(elements). */
export const transpose: Operation<TransposeOptions> = {
  name: "transpose",
  options: optionsOf<TransposeOptions>(z.strictObject({ permutation: z.array(z.int().nonnegative()).optional() })),
  outputs: ([{ dtype, shape }], options) => [{ dtype, shape: stridesFor(shape, options).shape }],
  cost: (inputs, options) => costOf(inputs, transpose.outputs(inputs, options), 0),
  record: (r, [x], options) => [recordStrided(r, "transpose", x, stridesFor(x.shape, options))],
  twin: transposeTwin,
  // Words are moved.
  bound: 0,
  moves: "all",
  cases: transposeCases,
};
