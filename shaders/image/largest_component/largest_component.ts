import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid, loops } from "../../lib/mod.ts";
import { sizeOf } from "../../shape.ts";
import { checkFloat, checkRank } from "../../checks.ts";
import { groupsFor, groupSize } from "../../groups.ts";
import { type ComponentsOptions, recordComponents, rounds } from "../components/components.ts";
import { largestComponentTwin } from "./largest_component_twin.ts";
import clear from "./largest_component_clear.wgsl" with { type: "text" };
import tally from "./largest_component_count.wgsl" with { type: "text" };
import best from "./largest_component_best.wgsl" with { type: "text" };
import text from "./largest_component.wgsl" with { type: "text" };

const partials = 64;

const labels = { name: "labels", access: "read", layout: "linear", element: "i32" } as const;
const counts = { name: "counts", access: "read", layout: "linear", element: "u32" } as const;

const clearPage = definePage({
  name: "largest_component_clear",
  file: import.meta.resolve("./largest_component_clear.wgsl"),
  text: clear,
  libs: [grid],
  bindings: [{ ...counts, access: "write" }],
});
const tallyPage = definePage({
  name: "largest_component_count",
  file: import.meta.resolve("./largest_component_count.wgsl"),
  text: tally,
  libs: [grid],
  bindings: [labels, { name: "counts", access: "atomic", layout: "linear" }],
});
const bestPage = definePage({
  name: "largest_component_best",
  file: import.meta.resolve("./largest_component_best.wgsl"),
  text: best,
  libs: [loops],
  bindings: [counts, { name: "best", access: "write", layout: "linear", element: "u32" }],
});
const page = definePage({
  name: "largest_component",
  file: import.meta.resolve("./largest_component.wgsl"),
  text,
  libs: [grid],
  bindings: [
    labels,
    { name: "best", access: "read", layout: "linear", element: "u32" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/**
 * The component of a mask `[H, W]` or `[D, H, W]` that has the most pixels, as a mask of 0 and 1: see
 * {@linkcode components} for what is connected. Of two that are equally large the one with the smaller label stays.
 * Nothing set: nothing stays. The second output is that of the components.
 */
export const largestComponent: Filter<ComponentsOptions> = defineOperation<ComponentsOptions>({
  name: "largestComponent",
  options: optionsOf(z.strictObject({ connectivity: z.int().min(1).max(3).optional() })),
  outputs: ([mask]) => {
    checkFloat("largestComponent", "mask", mask);
    checkRank("largestComponent", "mask", mask, [2, 3], "[H, W] or [D, H, W]");
    return [{ dtype: "f32", shape: mask.shape }, { dtype: "u32", shape: [rounds] }];
  },
  cost: ([mask]) => ({ bytes: 44 * sizeOf(mask.shape), flops: 0 }),
  record: (r, [mask], options) => {
    const output = r.temporary({ dtype: "f32", shape: mask.shape });
    const elements = sizeOf(mask.shape);
    const [labels, unfinished] = recordComponents(r, mask, options.connectivity ?? mask.shape.length);
    if (elements === 0) return [output, unfinished];
    const counts = r.temporary({ dtype: "u32", shape: [elements] });
    const best = r.temporary({ dtype: "u32", shape: [partials, 2] });
    r.dispatch(clearPage, { bind: { counts }, groups: groupsFor(mask.shape), iterations: 1 });
    r.dispatch(tallyPage, { bind: { labels, counts }, groups: groupsFor(mask.shape), iterations: 1 });
    r.dispatch(bestPage, {
      bind: { counts, best },
      groups: [partials, 1, 1],
      iterations: Math.ceil(elements / (partials * groupSize)) + 6,
    });
    r.dispatch(page, { bind: { labels, best, output }, groups: groupsFor(mask.shape), iterations: partials });
    return [output, unfinished];
  },
  twin: largestComponentTwin,
  bound: 0,
});
