import { sizeOf, texelsOf } from "./shape.ts";

/** Size of a workgroup of the pages of images and metrics. */
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
