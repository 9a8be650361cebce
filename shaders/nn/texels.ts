/** Whether a pixelwise operation works on texels of four channels, and its grid there. */

import type { Call, Spec, Value } from "../contract.ts";
import { isFloat, texelsOf } from "../shape.ts";

/**
 * Whether `channels4` is the layout to work in: that of the first input where it is known to be `channels4` or `linear`,
 * so that nothing is converted; otherwise (images that come from the host, or shapes alone) that of a network's maps,
 * which have 4 or 5 axes.
 */
export function prefersTexels(first: Spec): boolean {
  const rank = first.shape.length;
  if (!isFloat(first.dtype) || rank < 3 || rank > 5) return false;
  const { layout } = first as Partial<Value>;
  if (layout === "channels4" || layout === "linear") return layout === "channels4";
  return rank >= 4;
}

/** Workgroups of 8x8 texels of one layer, each texel an invocation or several rows of a column one. */
export function texelGroups(shape: readonly number[], rowsOfInvocation = 1): [number, number, number] {
  const [columns, rows, layers] = texelsOf("channels4", shape);
  return [Math.ceil(columns / 8), Math.ceil(rows / (8 * rowsOfInvocation)), layers];
}

/**
 * The grid of a page whose result has `shape`, which can be cut between layers: what is bound to `whole` has other layers
 * than the result. A result that is stored in parts stays in the caches on its way (see engine/kernel/staging.ts).
 */
export function texelGrid(
  shape: readonly number[],
  whole: readonly string[],
  rowsOfInvocation = 1,
): { readonly groups: [number, number, number]; readonly slab: NonNullable<Call["slab"]> } {
  const groups = texelGroups(shape, rowsOfInvocation);
  const [columns, rows, layers] = groups;
  return { groups, slab: { layers, halo: 0, whole, groups: (count) => [columns, rows, count] } };
}
