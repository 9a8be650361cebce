import { z } from "npm:zod@4.6.7";
import type { HostTensor, Operation } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { positions, showShape, sizeOf, stridesOf } from "../../shape.ts";
import { costOf } from "../cost.ts";
import { recordStrided, type Strides } from "../strided_copy.ts";
import { sliceCases } from "./slice_cases.ts";

/** Options of a slice. Lists have one entry per axis (all axes). */
export interface SliceOptions {
  /** First index, from 0 to size - 1 (anything where the result's size is 0). */
  readonly starts: readonly number[];
  /** Distance between the elements taken; negative goes backward. Default 1 per axis. */
  readonly steps?: readonly number[];
  /** Size of the result. */
  readonly sizes: readonly number[];
}

function stridesFor(shape: readonly number[], { starts, steps, sizes }: SliceOptions): Strides {
  const step = steps ?? shape.map(() => 1);
  const strides = stridesOf(shape);
  shape.forEach((size, axis) => {
    const last = starts[axis] + (sizes[axis] - 1) * step[axis];
    const fits = sizes[axis] === 0 || [starts[axis], last].every((index) => index >= 0 && index < size);
    if (fits && [starts, step, sizes].every((list) => list.length === shape.length)) return;
    throw new RangeError(
      `slice: starts ${showShape(starts)}, steps ${showShape(step)} and sizes ${showShape(sizes)} don't stay inside ${
        showShape(shape)
      }`,
    );
  });
  return {
    shape: sizes,
    strides: strides.map((stride, axis) => stride * step[axis]),
    begin: sizeOf(sizes) === 0 ? 0 : strides.reduce((sum, stride, axis) => sum + stride * starts[axis], 0),
  };
}

/** Every step-th element along each axis; any type. Source: ONNX `Slice`. O(elements of the result). */
export const slice: Operation<SliceOptions> = {
  name: "slice",
  options: optionsOf<SliceOptions>(z.strictObject({
    starts: z.array(z.int()),
    steps: z.array(z.int()).optional(),
    sizes: z.array(z.int().nonnegative()),
  })),
  outputs: ([{ dtype, shape }], options) => [{ dtype, shape: stridesFor(shape, options).shape }],
  cost: (inputs, options) => {
    const outputs = slice.outputs(inputs, options);
    return costOf(outputs, outputs, 0);
  },
  record: (r, [x], options) => [recordStrided(r, "slice", x, stridesFor(x.shape, options))],
  twin: ([x]: readonly HostTensor[], { starts, steps, sizes }) => {
    const strides = stridesOf(x.shape);
    const data = new Float64Array(sizeOf(sizes));
    let index = 0;
    for (const at of positions(sizes)) {
      let from = 0;
      for (const [axis, stride] of strides.entries()) from += (starts[axis] + at[axis] * (steps?.[axis] ?? 1)) * stride;
      data[index++] = x.data[from];
    }
    return [{ dtype: x.dtype, shape: sizes, data }];
  },
  // Words are moved.
  bound: 0,
  moves: "all",
  cases: sliceCases,
};
