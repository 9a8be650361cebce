/** Values as strided views of what they are moved from, so that what reads them by strides needs no copy. */
import { type nn, sameShape, sizeOf, stridesOf } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { Step } from "../program.ts";
import type { Makers } from "./matching.ts";

/** A value whose elements lie in another one, times a factor. */
export interface StridedView {
  readonly root: Operand;
  /** Element of the root. */
  readonly begin: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly factor: number;
}

/** A value as a view of what transpositions, slices, changes of shape and products by constants made it from. */
export function viewOf(operand: Operand, makers: Makers): StridedView {
  const step = makers.step(operand);
  return (step && sizeOf(operand.shape) > 0 ? viewThrough(step, makers) : undefined) ?? wholeView(operand);
}

/** A value as a view of itself. */
export function wholeView(operand: Operand): StridedView {
  return { root: operand, begin: 0, shape: operand.shape, strides: stridesOf(operand.shape), factor: 1 };
}

function viewThrough(step: Step, makers: Makers): StridedView | undefined {
  const [output] = step.outputs;
  if (step.kind === "reshape") return reshapedView(viewOf(step.inputs[0], makers), output.shape);
  switch (step.operation.name) {
    case "transpose": {
      const view = viewOf(step.inputs[0], makers);
      const { permutation = view.shape.map((_, axis) => axis).reverse() } = step
        .options as unknown as nn.TransposeOptions;
      const strides = permutation.map((axis) => view.strides[axis]);
      return { ...view, shape: output.shape, strides };
    }
    case "slice": {
      const view = viewOf(step.inputs[0], makers);
      const { starts, steps } = step.options as unknown as nn.SliceOptions;
      const begin = view.strides.reduce((sum, stride, axis) => sum + stride * starts[axis], view.begin);
      const strides = view.strides.map((stride, axis) => stride * (steps?.[axis] ?? 1));
      return { ...view, begin, shape: output.shape, strides };
    }
    case "binary":
      return scaledView(output, makers);
  }
  return undefined;
}

function scaledView(output: Operand, makers: Makers): StridedView | undefined {
  const scaled = makers.scaled(output);
  if (scaled === undefined) return undefined;
  const view = viewOf(scaled.x, makers);
  return { ...view, factor: view.factor * scaled.by };
}

/** A view with other axes, where its elements allow that without being moved. */
export function reshapedView(view: StridedView, shape: readonly number[]): StridedView | undefined {
  const strides = reshapedStrides(view.shape, view.strides, shape);
  return strides && { ...view, shape, strides };
}

/** The strides of the same elements seen with other axes; `undefined` where no strides give their order. */
export function reshapedStrides(
  from: readonly number[],
  strides: readonly number[],
  to: readonly number[],
): number[] | undefined {
  if (sizeOf(from) !== sizeOf(to) || sizeOf(from) === 0) return undefined;
  if (sameShape(from, to)) return [...strides];
  const result = new Array<number>(to.length).fill(0);
  const axes = from.flatMap((extent, axis) => extent === 1 ? [] : [{ extent, stride: strides[axis] }]);
  let at = axes.length - 1;
  // What is left of the current axis of `from`, and the distance of neighbors along it.
  let rest = 1, stride = 0;
  for (let axis = to.length - 1; axis >= 0; axis--) {
    const wanted = to[axis];
    if (wanted === 1) continue;
    if (rest === 1) {
      ({ extent: rest, stride } = axes[at--]);
    }
    result[axis] = stride;
    while (wanted > rest) {
      // The next axis outward must go on where this one ends.
      const next = axes[at--];
      if (wanted % rest !== 0 || next === undefined || next.stride !== stride * rest) return undefined;
      rest *= next.extent;
    }
    if (rest % wanted !== 0) return undefined;
    rest /= wanted;
    stride *= wanted;
  }
  return result;
}
