/** Sorting on the device: lines of elements by value, equal ones by position. */

import { definePage, type Page, type Recorder, type Spec, type Value } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { isFloat, sizeOf } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import text from "./sort.wgsl" with { type: "text" };
import keysText from "./sort_keys.wgsl" with { type: "text" };
import stepText from "./sort_step.wgsl" with { type: "text" };

const pairs = { name: "pairs", access: "read_write", layout: "linear", element: "u32" } as const;

const page = (name: string, text: string, bindings: Page["bindings"]): Page =>
  definePage({ name, file: import.meta.resolve(`./${name}.wgsl`), text, libs: [grid], bindings });

const sorted = page("sort", text, [pairs]);
const step = page("sort_step", stepText, [pairs]);
const keys = page("sort_keys", keysText, [
  { name: "x", access: "read", layout: "linear", element: "word" },
  { name: "pairs", access: "write", layout: "linear", element: "u32" },
]);

/** Pairs that a workgroup sorts by itself. */
const chunk = 512;

/** Comparisons of the longest line that the iterations of a page allow for. */
const localIterations = 2 * nestedIterations([2]) + nestedIterations([9, 9]);

/** Lines that were sorted. */
export interface Sorted {
  /** `[lines, size, 2]`: a key (its order is that of the elements) and the position in the line. */
  readonly pairs: Value;
  /** Pairs of a line: a power of two; those beyond the line's length come last. */
  readonly size: number;
}

/** What {@linkcode recordSort} takes for an element type. */
export function kindOf(dtype: Spec["dtype"]): number {
  return isFloat(dtype) ? 0 : dtype === "u32" ? 2 : 1;
}

/** Sorts the lines of [outer, length, inner] along the middle axis. Equal elements keep their order. */
export function recordSort(
  r: Recorder,
  x: Value,
  { length, inner, descending }: { length: number; inner: number; descending: boolean },
): Sorted {
  const lines = sizeOf(x.shape) / length;
  const size = 2 ** Math.max(1, Math.ceil(Math.log2(length)));
  const made = r.temporary({ dtype: "u32", shape: [lines, size, 2] });
  r.dispatch(keys, {
    bind: { x, pairs: made },
    params: { size, length, inner },
    overrides: { KIND: kindOf(x.dtype), DESCENDING: descending ? 1 : 0 },
    groups: Math.ceil(lines * size / 64),
    iterations: 0,
  });
  const local = (merge: number, merges: number) =>
    r.dispatch(sorted, {
      bind: { pairs: made },
      params: { size, merge },
      overrides: { MERGES: merges },
      groups: Math.ceil(lines * size / chunk),
      iterations: localIterations,
    });
  local(0, 0);
  for (let merge = 2 * chunk; merge <= size; merge *= 2) {
    for (let stride = merge / 2; stride >= chunk; stride /= 2) {
      r.dispatch(step, {
        bind: { pairs: made },
        params: { size, merge, stride },
        groups: Math.ceil(lines * size / 2 / 64),
        iterations: 0,
      });
    }
    local(merge, 1);
  }
  return { pairs: made, size };
}
