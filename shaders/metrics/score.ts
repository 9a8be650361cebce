import { definePage, type Page, type Recorder, type Value } from "../contract.ts";
import { functions, loops, workgroup, workgroupIterations } from "../lib/mod.ts";
import { groupSize } from "../groups.ts";
import text from "./score.wgsl" with { type: "text" };

/** What becomes of the means over the pixels. */
const scores = ["mean", "overRootMeanSquare", "overRange", "overMean", "decibels"] as const;

/** How a score is made: a name of the list. */
export type Score = typeof scores[number];

/** A score as the pages' KIND. */
export const kindOf = (score: Score): number => scores.indexOf(score);

/** Makes a score of partial sums. */
export const scorePage: Page = definePage({
  name: "score",
  file: import.meta.resolve("./score.wgsl"),
  text,
  libs: [functions, loops, workgroup],
  bindings: [
    { name: "partials", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/** A table of partial results of `groups` workgroups: sum, second sum, greatest, second greatest value of each. */
export function partialsOf(r: Recorder, groups: number): Value {
  return r.temporary({ dtype: "f32", shape: [groups, 4] });
}

/**
 * Records the second level of a score, f32 `[1]`: the sums of all partial results divided by `pixels`, and for `mean` the
 * first of them. It needs one iteration for 64 partial results.
 */
export function recordScore(r: Recorder, partials: Value, pixels: number, score: Score = "mean", dataRange = 1): Value {
  const output = r.temporary({ dtype: "f32", shape: [1] });
  const count = partials.shape[0];
  r.dispatch(scorePage, {
    bind: { partials, output },
    params: { count, scale: 1 / pixels, peak: dataRange ** 2 },
    overrides: { KIND: kindOf(score) },
    groups: [1, 1, 1],
    // Two loops: over blocks and within them.
    iterations: 2 * Math.ceil(count / groupSize) + 2 * workgroupIterations,
  });
  return output;
}
