/** Arithmetic of shapes that network operations share. */

import type { Cost, Spec } from "../contract.ts";

/** Number of elements of a shape. */
export const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** A shape as messages show it. */
export const show = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** Whether elements are floats on the device. */
export const isFloat = (dtype: Spec["dtype"]): boolean => dtype === "f32" || dtype === "f16" || dtype === "f64";

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

/** The shape that shapes broadcast to, as NumPy does. */
export function broadcast(operation: string, ...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((size) => size !== 1) ?? 1;
    if (sizes.every((other) => other === 1 || other === size)) return size;
    throw new RangeError(
      `${operation}: ${shapes.map(show).join(" and ")} can't be broadcast: sizes must be equal or 1`,
    );
  });
}

/** Distance between neighbors of each axis in a row-major array. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** Strides of an array seen in a shape that it broadcasts to: 0 where an axis is repeated. */
export function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, axis) => axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]);
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

/** The axes of `[N, C, ...spatial]` as `channels4` has them: missing spatial axes have size 1. */
export function channelAxes(
  shape: readonly number[],
): { batch: number; channels: number; blocks: number; depth: number; height: number; width: number } {
  const [depth, height, width] = [1, 1, 1, ...shape.slice(2)].slice(-3);
  return {
    batch: shape[0] ?? 1,
    channels: shape[1] ?? 1,
    blocks: Math.ceil((shape[1] ?? 1) / 4),
    depth,
    height,
    width,
  };
}

/** Texels of a `channels4` tensor: columns, rows, layers. */
export function texelsOf(shape: readonly number[]): [number, number, number] {
  const { batch, blocks, depth, height, width } = channelAxes(shape);
  return [batch * width, height, blocks * depth];
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
    `${operation}: ${name} is ${show(given)}, but the input has ${rank} spatial axes: give one number per axis`,
  );
}

/** The least cost: every input read and every output written once. */
export function costOf(inputs: readonly Spec[], outputs: readonly Spec[], flops: number): Cost {
  const bytes = [...inputs, ...outputs].reduce((sum, spec) => sum + 4 * count(spec.shape), 0);
  return { bytes, flops };
}

/** Indices of all positions of a shape in row-major order. */
export function* positions(shape: readonly number[]): Generator<number[]> {
  const total = count(shape);
  const at = shape.map(() => 0);
  for (let index = 0; index < total; index++) {
    yield at;
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
}
