import type { Cost, Spec } from "../contract.ts";
import { sizeOf } from "../shape.ts";

/** The least cost: every input read and every output written once. */
export function costOf(inputs: readonly Spec[], outputs: readonly Spec[], flops: number): Cost {
  const bytes = [...inputs, ...outputs].reduce((sum, spec) => sum + 4 * sizeOf(spec.shape), 0);
  return { bytes, flops };
}
