import { assertEquals, assertThrows } from "@std/assert";
import { compareRuns, parseRun, type SavedRun } from "../../../engine/bench/compare.ts";
import { InputError } from "../../../engine/errors.ts";

const spread = [1, 1.01, 0.99, 1.02, 0.98, 1.005, 0.995, 1.015, 0.985];
const run = (rows: Record<string, number[]>): SavedRun => ({
  rows: Object.entries(rows).map(([name, samples]) => ({ name, ours: { samples } })),
});
const scaled = (factor: number) => spread.map((value) => value * factor);
const noisy = [0.6, 1.5, 0.8, 1.3, 1, 0.7, 1.4, 1.1, 0.9];

Deno.test("a row is fast, slow, the same or unsure by interval and test together", () => {
  const before = run({ a: spread, b: spread, c: spread, d: noisy, gone: spread });
  const after = run({ a: scaled(0.8), b: scaled(1.3), c: scaled(1.004), d: noisy.map((x) => x * 1.1), fresh: spread });
  const { rows, unmatched } = compareRuns(before, after);
  assertEquals(rows.map(({ name, verdict }) => `${name} ${verdict}`), ["a FAST", "b SLOW", "c SAME", "d UNSURE"]);
  assertEquals(unmatched, ["gone", "fresh"]);
});

Deno.test("what is no run of the bench is refused by name", () => {
  for (const text of ["", "[]", '{"rows":[{"name":"a","ours":{"samples":[1]}}]}']) {
    assertThrows(() => parseRun(text, "old.json"), InputError, "old.json");
  }
});
