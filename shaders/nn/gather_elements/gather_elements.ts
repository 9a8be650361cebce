import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { positions, showShape, sizeOf, stridesOf } from "../../shape.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { strided, stridedIterations, stridedParams } from "../strided.ts";
import text from "./gather_elements.wgsl" with { type: "text" };
import { gatherElementsCases } from "./gather_elements_cases.ts";

/** Options of a gathering element by element. */
export interface GatherElementsOptions {
  /** The axis that the indices stand for, from -rank to rank - 1. Default 0. */
  readonly axis: number;
}

const page: Page = definePage({
  name: "gather_elements",
  file: import.meta.resolve("./gather_elements.wgsl"),
  text,
  libs: [grid, loops, strided],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "indices", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear", element: "word" },
  ],
});

function check(x: Spec, indices: Spec, axis: number): void {
  if (indices.dtype !== "i32" && indices.dtype !== "i64") {
    throw new TypeError(`gatherElements: indices are ${indices.dtype}, but must be i32 or i64: cast them`);
  }
  const fits = indices.shape.length === x.shape.length &&
    indices.shape.every((size, i) => i === axis ? size === 0 || x.shape[i] > 0 : size <= x.shape[i]);
  if (!fits) {
    throw new RangeError(
      `gatherElements: indices ${showShape(indices.shape)} must have as many axes as ${
        showShape(x.shape)
      }, none longer but axis ${axis}`,
    );
  }
}

/**
 * For each element of `indices` (i32 or i64) the element of x at the same position, but at that index along an axis; any
 * type. Negative indices count from the end; those outside take the nearest element. Source: ONNX `GatherElements`.
 * O(elements of the result).
 *
 * Inputs: x, indices.
 */
export const gatherElements: Operation<GatherElementsOptions> = {
  name: "gatherElements",
  options: optionsOf<GatherElementsOptions>(z.strictObject({ axis: z.int().default(0) })),
  outputs: ([x, indices], options) => {
    check(x, indices, axisOf("gatherElements", options.axis, x.shape.length));
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  cost: (inputs, options) => {
    const outputs = gatherElements.outputs(inputs, options);
    return costOf([inputs[1], ...outputs], outputs, 0);
  },
  record: (r, [x, indices], options) => {
    const axis = axisOf("gatherElements", options.axis, x.shape.length);
    const y = r.temporary(gatherElements.outputs([x, indices], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const strides = stridesOf(x.shape);
    r.dispatch(page, {
      bind: { x, indices, y },
      params: {
        ...stridedParams("gatherElements", y.shape, [strides.with(axis, 0)]),
        size: x.shape[axis],
        stride: strides[axis],
      },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: stridedIterations,
    });
    return [y];
  },
  twin: ([x, indices]: readonly HostTensor[], options) => {
    const axis = axisOf("gatherElements", options.axis, x.shape.length);
    const strides = stridesOf(x.shape), size = x.shape[axis];
    const data = new Float64Array(indices.data.length);
    let index = 0;
    for (const at of positions(indices.shape)) {
      const given = indices.data[index];
      const chosen = Math.min(Math.max(given < 0 ? given + size : given, 0), size - 1);
      data[index++] = x.data[at.reduce((sum, i, own) => sum + (own === axis ? chosen : i) * strides[own], 0)];
    }
    return [{ dtype: x.dtype, shape: indices.shape, data }];
  },
  // Words are moved.
  bound: 0,
  moves: [0],
  cases: gatherElementsCases,
};
