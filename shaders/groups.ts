import type { Call } from "./contract.ts";
import { sizeOf, texelsOf } from "./shape.ts";

/** Size of a workgroup of the pages of images and metrics. */
export const groupSize = 64;

/** Workgroups that give each element of a shape an invocation. */
export function groupsFor(shape: readonly number[]): number {
  return Math.ceil(sizeOf(shape) / groupSize);
}

/** A number of workgroups in two dimensions, as `lib/grid.wgsl` unfolds it. */
export function foldedGroups(count: number): [number, number] {
  const across = Math.min(count, 32_768);
  return [across, Math.ceil(count / across)];
}

/** Workgroups of 8 x 8 texels that cover `layers` layers of a `rows4` tensor. */
export function texelGroups(shape: readonly number[], layers: number): [number, number, number] {
  const [x, y] = texelsOf("rows4", shape);
  return [Math.ceil(x / 8), Math.ceil(y / 8), layers];
}

/** Workgroups over all texels of a `rows4` tensor, and how they are cut into runs of layers for a page that reads its own. */
export function texelSlabs(shape: readonly number[]): Required<Pick<Call, "groups" | "slab">> {
  const layers = texelsOf("rows4", shape)[2];
  const groups = (count: number) => texelGroups(shape, count);
  return { groups: groups(layers), slab: { layers, halo: 0, groups } };
}

/**
 * Workgroups of `perGroup` elements each over a `linear` result, and how they are cut into runs of rows for a page that begins at
 * row `slab_begin()` and ends before row `slab_end()`.
 */
export function rowSlabs(
  shape: readonly number[],
  perGroup: number,
): Required<Pick<Call, "groups">> & { slab: NonNullable<Call["slab"]> } {
  const each = shape.at(-1) ?? 1;
  const groups = (rows: number): [number, number, number] => [...foldedGroups(Math.ceil(rows * each / perGroup)), 1];
  const layers = sizeOf(shape.slice(0, -1));
  return { groups: groups(layers), slab: { layers, halo: 0, groups } };
}
