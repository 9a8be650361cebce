/** Whether a pixelwise operation works on texels of four channels, and its grid there. */

import type { Spec, Value } from "../contract.ts";
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

/** Workgroups of 8x8 texels of one layer. */
export function texelGroups(shape: readonly number[]): [number, number, number] {
  const [columns, rows, layers] = texelsOf("channels4", shape);
  return [Math.ceil(columns / 8), Math.ceil(rows / 8), layers];
}
