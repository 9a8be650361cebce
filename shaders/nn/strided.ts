/** What `strided.wgsl` takes: the axes of a result with the strides of its inputs. */

import type { Lib } from "../contract.ts";
import { nestedIterations } from "./loops.ts";
import { mergeAxes } from "../shape.ts";
import text from "./strided.wgsl" with { type: "text" };

/** `offsets_of`; it needs `loops` of `lib/` before it. */
export const strided: Lib = { file: import.meta.resolve("./strided.wgsl"), text };

/** Loop iterations of one call of `offsets_of`. */
export const stridedIterations = nestedIterations([8]);

/** The params `rank` and `axes` for a result and the strides of one to three inputs along its axes. */
export function stridedParams(
  operation: string,
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): { rank: number; axes: number[] } {
  const merged = mergeAxes(shape, strides);
  const rank = Math.max(1, merged.shape.length);
  if (rank > 8) {
    throw new RangeError(
      `${operation}: more than 8 axes that can't be merged, of [${shape.join(", ")}]: reshape the input`,
    );
  }
  const axes = new Array<number>(32).fill(0);
  for (let i = 0; i < rank; i++) {
    const axis = merged.shape.length - 1 - i;
    axes[4 * i] = merged.shape[axis] ?? 1;
    merged.strides.forEach((array, input) => axes[4 * i + 1 + input] = array[axis] ?? 0);
  }
  return { rank, axes };
}
