/** Checks that operations share. Each throws one line that names the operation, the value and what is allowed. */

import type { Spec } from "./contract.ts";
import { broadcastShape, isFloat, sameShape, showShape } from "./shape.ts";

/** Throws unless a shape has one of the ranks. */
export function checkRank(operation: string, input: string, spec: Spec, ranks: readonly number[], form: string): void {
  if (!ranks.includes(spec.shape.length)) {
    throw new RangeError(`${operation} got the shape ${showShape(spec.shape)} as ${input}: it must be ${form}`);
  }
}

/** Throws unless the two have the same shape. */
export function checkSame(operation: string, names: readonly [string, string], a: Spec, b: Spec): void {
  if (sameShape(a.shape, b.shape)) return;
  const [shapeA, shapeB] = [showShape(a.shape), showShape(b.shape)];
  throw new RangeError(
    `${operation} got the shape ${shapeA} as ${names[0]} and ${shapeB} as ${names[1]}: they must be the same`,
  );
}

/** Throws unless the elements are floating-point numbers. */
export function checkFloat(operation: string, input: string, spec: Spec): void {
  if (spec.dtype !== "f32" && spec.dtype !== "f16") {
    throw new TypeError(
      `${operation} got elements of type ${spec.dtype} as ${input}: they must be floats, so cast them`,
    );
  }
}

/** Throws unless all inputs are floats: a page would take the words of integers for floats. */
export function checkFloats(operation: string, inputs: readonly Spec[]): void {
  const wrong = inputs.find(({ dtype }) => !isFloat(dtype));
  if (wrong === undefined) return;
  const types = inputs.map(({ dtype }) => dtype).join(", ");
  throw new TypeError(`${operation} takes floats, not ${types}: cast them`);
}

/** How many positions a window has along an axis of `size`, pads included. Throws where it reaches beyond by over a stride. */
export function windowsAlong(
  operation: string,
  { size, reach, stride, axis }: { size: number; reach: number; stride: number; axis: number },
): number {
  const windows = Math.floor((size - reach) / stride) + 1;
  if (windows >= 0) return windows;
  throw new RangeError(
    `${operation}: the window reaches over ${reach} positions of spatial axis ${axis}, which has ${size} with its pads`,
  );
}

/** An axis from -rank to rank - 1 as one from 0 to rank - 1. */
export function axisOf(operation: string, axis: number, rank: number): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new RangeError(
    `${operation}: axis is ${axis}, but a tensor of ${rank} axes has axes from ${-rank} to ${rank - 1}`,
  );
}

/** The shape that shapes broadcast to, as NumPy does. Throws where they can't. */
export function broadcast(operation: string, ...shapes: readonly (readonly number[])[]): number[] {
  const shape = broadcastShape(...shapes);
  if (shape !== undefined) return shape;
  throw new RangeError(
    `${operation}: ${shapes.map(showShape).join(" and ")} can't be broadcast: sizes must be equal or 1`,
  );
}

/** A list with one entry per spatial axis, or the default for each. Throws where its length is another. */
export function perAxis(
  operation: string,
  name: string,
  given: readonly number[] | undefined,
  rank: number,
  missing: number,
): readonly number[] {
  if (given === undefined) return new Array<number>(rank).fill(missing);
  if (given.length === rank) return given;
  throw new RangeError(
    `${operation}: ${name} is ${showShape(given)}, but the input has ${rank} spatial axes: give one number per axis`,
  );
}
