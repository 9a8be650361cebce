/** How sure a figure is: intervals by drawing patients anew. */
import { randomNumbers } from "../../shaders/mod.ts";

const resamples = 1000;
const seed = 20261130;

/** Figures by name; `null` where nothing defines one. */
export type Figures = Readonly<Record<string, number | null>>;

/**
 * 95 % intervals of figures by the percentile bootstrap (Efron 1979): groups of cases (patients, where they are known) are
 * drawn with replacement, 1,000 times, with a fixed seed. A figure that fewer than 20 of the draws define gets no interval;
 * with fewer than two groups no figure does.
 */
export function intervalsOf<T>(
  cases: readonly T[],
  groupOf: (one: T) => string | undefined,
  figuresOf: (cases: readonly T[]) => Figures,
): Record<string, [low: number, high: number]> {
  const groups = [...Map.groupBy(cases, (one) => groupOf(one) ?? one).values()];
  if (groups.length < 2) return {};
  const next = randomNumbers(seed);
  const found = new Map<string, number[]>();
  for (let i = 0; i < resamples; i++) {
    const drawn = groups.flatMap(() => groups[Math.floor(next() * groups.length)]);
    for (const [name, value] of Object.entries(figuresOf(drawn))) {
      if (value === null) continue;
      const values = found.get(name) ?? [];
      values.push(value);
      found.set(name, values);
    }
  }
  return Object.fromEntries(
    [...found].filter(([, values]) => values.length >= 20).map(([name, values]) => {
      values.sort((a, b) => a - b);
      return [name, [quantile(values, 0.025), quantile(values, 0.975)]];
    }),
  );
}

function quantile(sorted: readonly number[], share: number): number {
  const rank = share * (sorted.length - 1);
  const low = Math.floor(rank);
  return sorted[low] + (rank - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}
