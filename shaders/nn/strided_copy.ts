/** What transpose, slice and expand are made of: a copy whose source is a stride along each axis of the result. */

import { definePage, type Page, type Recorder, type Value } from "../contract.ts";
import { grid, loops } from "../lib/mod.ts";
import { rowSlabs } from "../groups.ts";
import { sizeOf } from "../shape.ts";
import { strided, stridedIterations, stridedParams } from "./strided.ts";
import text from "./strided_copy.wgsl" with { type: "text" };

const page: Page = definePage({
  name: "strided_copy",
  file: import.meta.resolve("./strided_copy.wgsl"),
  text,
  libs: [grid, loops, strided],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "y", access: "write", layout: "linear", element: "word" },
  ],
});

/** Where the elements of a result lie in the source. */
export interface Strides {
  readonly shape: readonly number[];
  /** Distance in the source from one position of each axis of the result to the next. */
  readonly strides: readonly number[];
  /** The source's element for the result's first one. */
  readonly begin: number;
}

/** Records the copy. */
export function recordStrided(r: Recorder, operation: string, x: Value, { shape, strides, begin }: Strides): Value {
  const y = r.temporary({ dtype: x.dtype, shape });
  if (sizeOf(shape) === 0) return y;
  const params = stridedParams(operation, shape, [strides]);
  const { groups, slab } = rowSlabs(shape, 256);
  r.dispatch(page, {
    bind: { x, y },
    params: { ...params, begin, each: shape.at(-1) ?? 1 },
    overrides: { RANK: params.rank },
    groups,
    slab: { ...slab, parts: "x" },
    iterations: 4 * stridedIterations,
  });
  return y;
}
