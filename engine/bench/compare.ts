/** Whether a later run of the bench is faster or slower than an earlier one, row by row. */

import { z } from "npm:zod@4.6.7";
import { InputError } from "../errors.ts";
import { mannWhitney, ratioOf } from "./statistics.ts";

/** What became of a row. */
export type Verdict = "FAST" | "SLOW" | "SAME" | "UNSURE";

/** A row of two runs. */
export interface ComparedRow {
  readonly name: string;
  readonly verdict: Verdict;
  /** Median of the later run over that of the earlier, with its 95 % interval. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
  /** Probability that two samples of one distribution differ as much (Mann and Whitney). */
  readonly probability: number;
  /** Why the verdict is what it is, in one line. */
  readonly reason: string;
}

/** Two runs compared. */
export interface Comparison {
  readonly rows: readonly ComparedRow[];
  /** Names of rows that only one run has. */
  readonly unmatched: readonly string[];
}

/** A row whose interval lies within this of 1 is called the same. */
const sameWithin = 0.05;
/** A difference counts where it is less probable than this by chance. */
const significance = 0.01;

const runSchema = z.object({
  rows: z.array(z.object({ name: z.string(), ours: z.object({ samples: z.array(z.number().nonnegative()).min(3) }) })),
});

/** What `bench --json` wrote, as far as a comparison needs it. */
export type SavedRun = z.infer<typeof runSchema>;

/** Reads what `bench --json` wrote. Throws an `InputError` where the text is something else. */
export function parseRun(text: string, name: string): SavedRun {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `Cannot compare ${name} as it is not JSON (${(error as Error).message}): write it with --json`,
    );
  }
  const parsed = runSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new InputError(
    `Cannot compare ${name} as its ${path.join(".") || "content"} is wrong (${message}): write it with --json`,
  );
}

/**
 * Compares the rows that two runs share. FAST and SLOW need both an interval of the ratio beyond 5 % of 1 and a
 * Mann-Whitney probability below 0.01; SAME needs the whole interval within 5 % of 1; all else is UNSURE.
 */
export function compareRuns(earlier: SavedRun, later: SavedRun): Comparison {
  const before = new Map(earlier.rows.map((row) => [row.name, row]));
  const after = new Map(later.rows.map((row) => [row.name, row]));
  const rows = later.rows.flatMap(({ name, ours }) => {
    const known = before.get(name);
    return known === undefined ? [] : [compareRow(name, known.ours.samples, ours.samples)];
  });
  const unmatched = [
    ...earlier.rows.filter(({ name }) => !after.has(name)),
    ...later.rows.filter(({ name }) => !before.has(name)),
  ].map(({ name }) => name);
  return { rows, unmatched };
}

function compareRow(name: string, before: readonly number[], after: readonly number[]): ComparedRow {
  const { ratio, interval } = ratioOf(after, before);
  const probability = mannWhitney(before, after);
  const differs = probability < significance;
  const verdict = differs && interval[0] > 1 + sameWithin
    ? "SLOW"
    : differs && interval[1] < 1 - sameWithin
    ? "FAST"
    : interval[0] >= 1 - sameWithin && interval[1] <= 1 + sameWithin
    ? "SAME"
    : "UNSURE";
  const reason = `${ratio.toFixed(3)} times the former median, 95 % interval ${interval[0].toFixed(3)} to ${
    interval[1].toFixed(3)
  }, Mann-Whitney p ${
    probability < 0.001 ? "< 0.001" : probability.toFixed(3)
  } of ${before.length} and ${after.length} samples`;
  return { name, verdict, ratio, interval, probability, reason };
}
