import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter, type Recorder, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid } from "../../lib/mod.ts";
import { sizeOf, volumeOf } from "../../shape.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupSize } from "../../groups.ts";
import { componentsTwin } from "./components_twin.ts";
import init from "./components_init.wgsl" with { type: "text" };
import merge from "./components_merge.wgsl" with { type: "text" };
import flatten from "./components_flatten.wgsl" with { type: "text" };

/** Options of {@linkcode components}. */
export interface ComponentsOptions {
  /**
   * Along how many axes neighbors may differ by one: 1 for 4 neighbors in an image and 6 in a volume, 2 for 8 and 18,
   * 3 for 26. Default: as many as the mask has axes, as in scikit-image.
   */
  connectivity?: number;
}

/** Rounds of merging; each but the first only runs where the one before has met its bound. */
export const rounds = 3;
/** Pixels of one invocation. */
const pixels = 8;
/** Steps along parents in one invocation and dispatch. Lanes diverge, so it counts 8 times. */
const mostSteps = 7000;

const labels = { name: "labels", access: "atomic", layout: "linear" } as const;
const unfinished = { name: "unfinished", access: "atomic", layout: "linear" } as const;

const initPage = definePage({
  name: "components_init",
  file: import.meta.resolve("./components_init.wgsl"),
  text: init,
  libs: [grid],
  bindings: [
    { name: "mask", access: "read", layout: "linear" },
    { name: "labels", access: "write", layout: "linear", element: "i32" },
    { name: "unfinished", access: "write", layout: "linear", element: "u32" },
  ],
});
const mergePage = definePage({
  name: "components_merge",
  file: import.meta.resolve("./components_merge.wgsl"),
  text: merge,
  libs: [grid],
  bindings: [labels, unfinished],
});
const flattenPage = definePage({
  name: "components_flatten",
  file: import.meta.resolve("./components_flatten.wgsl"),
  text: flatten,
  libs: [grid],
  bindings: [labels, unfinished],
});

/**
 * Labels the connected components of a mask `[H, W]` or `[D, H, W]`: i32 of the same shape, 0 where the mask is not above
 * 0.5, else 1 + the smallest linear index of the component. So labels are the same on every device, and not consecutive.
 *
 * Union-find with atomics (Jayanti and Tarjan, 2016; path halving; the greater root is linked to the smaller), a merge over all pairs of
 * neighbors and a flattening, nearly linear in the pixels. Each invocation walks at most 7,000 parents per dispatch; where
 * one would have to walk further, the work is done over from what is reached, at most twice. A second output, u32 [3], says
 * of each round whether it met this bound: where the last isn't 0, the labels are not finished.
 */
export const components: Filter<ComponentsOptions> = defineOperation<ComponentsOptions>({
  name: "components",
  options: optionsOf(z.strictObject({ connectivity: z.int().min(1).max(3).optional() })),
  outputs: ([mask]) => {
    checkFloat("components", "mask", mask);
    checkRank("components", "mask", mask, [2, 3], "[H, W] or [D, H, W]");
    return [{ dtype: "i32", shape: mask.shape }, { dtype: "u32", shape: [rounds] }];
  },
  cost: ([mask]) => ({ bytes: 20 * sizeOf(mask.shape), flops: 0 }),
  record: (r, [mask], { connectivity }) => recordComponents(r, mask, connectivity ?? mask.shape.length),
  twin: componentsTwin,
  bound: 0,
});

/** Records the rounds: labels, and which of the rounds met the bound of `steps`. */
export function recordComponents(r: Recorder, mask: Value, connectivity: number, steps: number = mostSteps): Value[] {
  const labels = r.temporary({ dtype: "i32", shape: mask.shape });
  const unfinished = r.temporary({ dtype: "u32", shape: [rounds] });
  const groups = Math.max(1, Math.ceil(sizeOf(mask.shape) / (groupSize * pixels)));
  r.dispatch(initPage, { bind: { mask, labels, unfinished }, groups, iterations: pixels });
  const params = { size: volumeOf(mask.shape, mask.shape.length), connectivity };
  for (let round = 0; round < rounds; round++) {
    const dispatch = { bind: { labels, unfinished }, groups, tune: { STEPS: steps } };
    r.dispatch(mergePage, { ...dispatch, params: { ...params, round }, iterations: 8 * (steps + pixels * 16) });
    r.dispatch(flattenPage, { ...dispatch, params: { round }, iterations: 8 * (steps + pixels) });
  }
  return [labels, unfinished];
}
