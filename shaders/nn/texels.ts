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

/**
 * The grid of a page of 8x8 texels of one layer a workgroup, each an invocation or several rows of a column one, which can be
 * cut between layers of its result of `shape`: what is bound to `whole` has other layers. A result that is stored in parts
 * stays in the caches on its way (see engine/kernel/staging.ts).
 */
export function texelGrid(
  shape: readonly number[],
  whole: readonly string[],
  rowsOfInvocation = 1,
): { readonly groups: [number, number, number]; readonly slab: NonNullable<Call["slab"]> } {
  const [columns, rows, layers] = texelsOf("channels4", shape);
  const groups = (count: number): [number, number, number] => [
    Math.ceil(columns / 8),
    Math.ceil(rows / (8 * rowsOfInvocation)),
    count,
  ];
  return { groups: groups(layers), slab: { layers, halo: 0, whole, groups } };
}
