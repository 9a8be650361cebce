import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid } from "../../lib/mod.ts";
import { showShape, sizeOf, volumeOf } from "../../shape.ts";
import { groupSize, rowSlabs } from "../../groups.ts";
import { fitTwin } from "./fit_twin.ts";
import text from "./fit.wgsl" with { type: "text" };

/** Options of {@linkcode fit}. */
export interface FitOptions {
  /** New size in pixels of the last axes, in their order; the axes before them stay. 1 to 3 numbers, at least 1 each. */
  size: number[];
}

const page = definePage({
  name: "fit",
  file: import.meta.resolve("./fit.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "input", access: "read", layout: "linear", element: "word" },
    { name: "output", access: "write", layout: "linear", element: "word" },
  ],
});

/** Where pixel 0 of the old axis lies on the new one: half of what is added or cut, rounded toward zero. */
export function fitShift(from: number, to: number): number {
  return Math.trunc((to - from) / 2);
}

/**
 * Pads with zeros or crops the last axes about the center, each by itself. Rounded so that fitting back to the old size
 * puts what is left where it was. Pixels are moved, not computed: any type, exact.
 */
export const fit: Filter<FitOptions> = defineOperation<FitOptions>({
  name: "fit",
  options: optionsOf(z.strictObject({ size: z.array(z.int().min(1)).min(1).max(3) })),
  outputs: ([input], { size }) => {
    if (size.length > input.shape.length) {
      throw new RangeError(
        `fit got ${size.length} sizes for the shape ${showShape(input.shape)}: at most one per axis`,
      );
    }
    return [{ dtype: input.dtype, shape: [...input.shape.slice(0, input.shape.length - size.length), ...size] }];
  },
  cost: ([input], { size }) => {
    const outer = sizeOf(input.shape.slice(0, input.shape.length - size.length));
    return { bytes: 8 * outer * sizeOf(size), flops: 0 };
  },
  record: (r, [input], { size }) => {
    const shape = [...input.shape.slice(0, input.shape.length - size.length), ...size];
    const output = r.temporary({ dtype: input.dtype, shape });
    const from = volumeOf(input.shape, size.length);
    const to = volumeOf(shape, size.length);
    if (sizeOf(shape) > 0) {
      const { groups, slab } = rowSlabs(shape, groupSize);
      r.dispatch(page, {
        bind: { input, output },
        params: { from_size: from, to_size: to, shift: from.map((old, axis) => fitShift(old, to[axis])) },
        groups,
        slab: { ...slab, parts: "input" },
        iterations: 1,
      });
    }
    return [output];
  },
  twin: fitTwin,
  bound: 0,
});
