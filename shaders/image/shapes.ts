import type { Spec } from "../contract.ts";
import { sizeOf, texelsOf } from "../shape.ts";

/** Size of a workgroup of the pages of this family. */
export const groupSize = 64;

/** Workgroups that give each element of a shape an invocation. */
export function groupsFor(shape: readonly number[]): number {
  return Math.ceil(sizeOf(shape) / groupSize);
}

/** Workgroups of 8 x 8 texels that cover `layers` layers of a `rows4` tensor. */
export function texelGroups(shape: readonly number[], layers: number): [number, number, number] {
  const [x, y] = texelsOf("rows4", shape);
  return [Math.ceil(x / 8), Math.ceil(y / 8), layers];
}

/** The spatial axes as [d, h, w], with leading ones; `count` of them stand at the end of the shape. */
export function volumeOf(shape: readonly number[], count: number): [number, number, number] {
  const [w, h = 1, d = 1] = shape.slice(shape.length - count).toReversed();
  return [d, h, w];
}

/** Throws unless a shape has one of the ranks. */
export function checkRank(operation: string, input: string, spec: Spec, ranks: readonly number[], form: string): void {
  if (!ranks.includes(spec.shape.length)) {
    throw new RangeError(`${operation} got the shape [${spec.shape}] as ${input}: it must be ${form}`);
  }
}

/** Throws unless the two have the same shape. */
export function checkSame(operation: string, names: readonly [string, string], a: Spec, b: Spec): void {
  if (a.shape.length !== b.shape.length || a.shape.some((size, axis) => size !== b.shape[axis])) {
    throw new RangeError(
      `${operation} got the shape [${a.shape}] as ${names[0]} and [${b.shape}] as ${names[1]}: they must be the same`,
    );
  }
}

/** Throws unless the elements are floating-point numbers. */
export function checkFloat(operation: string, input: string, spec: Spec): void {
  if (spec.dtype !== "f32" && spec.dtype !== "f16") {
    throw new TypeError(`${operation} got elements of type ${spec.dtype} as ${input}: they must be f32`);
  }
}
