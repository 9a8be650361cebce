/** Arithmetic of shapes that operations, engine and plugins share. A shape lists the extents of row-major axes. */
import type { DType } from "./contract.ts";

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

/** A shape as messages show it. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Whether elements of a type are floats. */
export function isFloat(dtype: DType): boolean {
  return dtype === "f32" || dtype === "f16" || dtype === "f64";
}

/** Distance between neighbors along each axis, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** The shape that shapes broadcast to by NumPy's rule, or `undefined` where they can't. */
export function broadcastShape(...shapes: readonly (readonly number[])[]): number[] | undefined {
  const result = new Array<number>(Math.max(...shapes.map((shape) => shape.length))).fill(1);
  for (const shape of shapes) {
    for (const [index, extent] of shape.entries()) {
      const axis = result.length - shape.length + index;
      if (extent === 1) continue;
      if (result[axis] !== 1 && result[axis] !== extent) return undefined;
      result[axis] = extent;
    }
  }
  return result;
}

/** Strides of an array seen in a shape that it broadcasts to: 0 where an axis is repeated. */
export function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, axis) => axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]);
}

/** Indices of all positions of a shape in row-major order. The array that is given is the same each time. */
export function* positions(shape: readonly number[]): Generator<number[]> {
  const total = sizeOf(shape);
  const at = shape.map(() => 0);
  for (let index = 0; index < total; index++) {
    yield at;
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
}

/** The spatial axes as [d, h, w], with leading ones; `count` of them stand at the end of the shape. */
export function volumeOf(shape: readonly number[], count: number): [number, number, number] {
  const [w, h = 1, d = 1] = shape.slice(shape.length - count).toReversed();
  return [d, h, w];
}

/** One list per axis in the order x, y, z that pages have them, from one in the order of the spatial axes. */
export function xyz(list: readonly number[], missing: number): [number, number, number] {
  const [z, y, x] = [missing, missing, missing, ...list].slice(-3);
  return [x, y, z];
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

/**
 * The axes of `[N, C, ...spatial]` as `channels4` has them, `blocks` of four channels: missing axes have size 1. Throws a
 * `RangeError` for more axes than that layout holds.
 */
export function channelAxes(
  shape: readonly number[],
): { batch: number; channels: number; blocks: number; depth: number; height: number; width: number } {
  if (shape.length > 5) {
    throw new RangeError(`channels4 holds tensors of up to 5 axes, not ${shape.length}: ${showShape(shape)}`);
  }
  const [batch = 1, channels = 1] = shape;
  const [depth, height, width] = [1, 1, 1, ...shape.slice(2)].slice(-3);
  return { batch, channels, blocks: Math.ceil(channels / 4), depth, height, width };
}

/** Columns, rows and layers of the texels of a shape in `rows4` or `channels4`. */
export function texelsOf(layout: "rows4" | "channels4", shape: readonly number[]): [number, number, number] {
  if (layout === "rows4") {
    return [Math.ceil((shape.at(-1) ?? 1) / 4), shape.at(-2) ?? 1, sizeOf(shape.slice(0, -2))];
  }
  const { batch, blocks, depth, height, width } = channelAxes(shape);
  return [batch * width, height, blocks * depth];
}
