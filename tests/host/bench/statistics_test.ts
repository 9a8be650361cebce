import { assert, assertEquals } from "@std/assert";
import { mannWhitney, ratioOf, timesOf } from "../../../engine/bench/statistics.ts";
import { randomNumbers } from "../../../shaders/cases.ts";

/** Normal numbers by the method of Box and Muller. */
function normal(seed: number, count: number, mean: number, deviation: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * random());
  });
}

Deno.test("order statistics are those of the sorted samples, outliers by Tukey's fences", () => {
  const times = timesOf([5, 1, 2, 3, 4, 100]);
  assertEquals(times.median, 3.5);
  assertEquals(times.min, 1);
  assertEquals(times.samples, [5, 1, 2, 3, 4, 100]);
  assertEquals(times.outliers, 1);
  assertEquals(timesOf([7]).interval, [7, 7]);
});

Deno.test("the interval of a ratio holds the true ratio in about 95 of 100 experiments", () => {
  let held = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { interval } = ratioOf(normal(2 * seed + 1, 25, 12, 1), normal(2 * seed + 2, 25, 10, 1));
    if (interval[0] <= 1.2 && 1.2 <= interval[1]) held++;
  }
  assert(held >= 88 && held <= 100, `${held} of 100 intervals hold the true ratio`);
});

Deno.test("Mann and Whitney's test agrees with scipy's normal approximation", () => {
  // scipy.stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True), scipy 1.17.1.
  const cases = [
    { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [5, 6, 7, 8, 9, 10, 11, 12], p: 0.0133130 },
    { a: [1, 1, 2, 2, 3, 3, 4, 4], b: [2, 2, 3, 3, 4, 4, 5, 5], p: 0.1463991 },
    { a: [3, 3, 3], b: [3, 3, 3], p: 1 },
  ];
  for (const { a, b, p } of cases) assert(Math.abs(mannWhitney(a, b) - p) < 1e-5, `${mannWhitney(a, b)} is not ${p}`);
});
