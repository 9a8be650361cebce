/** Checks and arithmetic of axes that network operations share, besides what `shaders/shape.ts` has for all. */

import type { Cost, Spec } from "../contract.ts";
import { broadcastShape, isFloat, showShape, sizeOf } from "../shape.ts";

/** Throws unless all inputs are floats: a page would take the words of integers for floats. */
export function checkFloats(operation: string, inputs: readonly Spec[]): void {
  const wrong = inputs.find(({ dtype }) => !isFloat(dtype));
  if (wrong === undefined) return;
  const types = inputs.map(({ dtype }) => dtype).join(", ");
  throw new TypeError(`${operation} takes floats, not ${types}: cast them`);
}

/** Positions of a window along an axis of `size` with its pads. Throws where there would be less than none. */
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

/**
 * Merges neighboring axes over which every array is contiguous, and drops axes of size 1: fewer divisions for an index.
 *
 * @param strides For each array, its stride along each axis of `shape`.
 */
export function mergeAxes(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): { shape: number[]; strides: number[][] } {
  const merged: number[] = [];
  const kept: number[][] = strides.map(() => []);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis];
    if (size === 1) continue;
    const inner = merged[0];
    if (inner !== undefined && strides.every((array, index) => array[axis] === kept[index][0] * inner)) {
      merged[0] = inner * size;
      continue;
    }
    merged.unshift(size);
    strides.forEach((array, index) => kept[index].unshift(array[axis]));
  }
  return { shape: merged, strides: kept };
}

/** One list per axis in the order x, y, z that pages have them, from one in the order of the spatial axes. */
export function xyz(list: readonly number[], missing: number): [number, number, number] {
  const [z, y, x] = [missing, missing, missing, ...list].slice(-3);
  return [x, y, z];
}

/** A list with one entry a spatial axis, or the default for each; throws where its length or an entry is wrong. */
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

/** The least cost: every input read and every output written once. */
export function costOf(inputs: readonly Spec[], outputs: readonly Spec[], flops: number): Cost {
  const bytes = [...inputs, ...outputs].reduce((sum, spec) => sum + 4 * sizeOf(spec.shape), 0);
  return { bytes, flops };
}
