/** Statistics of measured times: order statistics, intervals by bootstrap, and the test that two sets differ. */

import { errorFunction, quantileSorted } from "npm:simple-statistics@7.12.1";
import { randomNumbers } from "../../shaders/cases.ts";

/** Times of one contender in milliseconds. */
export interface Times {
  /** Every sample, in the order of measuring. */
  readonly samples: readonly number[];
  /** The middle sample, or the mean of the two middle ones. */
  readonly median: number;
  /** The shortest sample. */
  readonly min: number;
  /** 25 % and 75 % quantiles. */
  readonly quartiles: readonly [number, number];
  /** 95 % interval of the median, by bootstrap. */
  readonly interval: readonly [number, number];
  /** Samples further than 1.5 interquartile ranges outside the quartiles (Tukey): shown, never dropped. */
  readonly outliers: number;
}

const resamplings = 2000;

/** The least gain for which what was measured as faster takes the place of the usual choice. */
export const leastGain = 1.05;

/** Order statistics of at least one sample. */
export function timesOf(samples: readonly number[]): Times {
  const sorted = ascending(samples);
  const quartiles = [quantileSorted(sorted, 0.25), quantileSorted(sorted, 0.75)] as const;
  const fence = 1.5 * (quartiles[1] - quartiles[0]);
  return {
    samples: [...samples],
    median: quantileSorted(sorted, 0.5),
    min: sorted[0],
    quartiles,
    interval: bootstrap([samples], ([own]) => own),
    outliers: sorted.filter((value) => value < quartiles[0] - fence || value > quartiles[1] + fence).length,
  };
}

/** A ratio of medians with its 95 % interval by bootstrap. */
export interface Ratio {
  readonly ratio: number;
  readonly interval: readonly [number, number];
}

/** `median(numerator) / median(denominator)`. */
export function ratioOf(numerator: readonly number[], denominator: readonly number[]): Ratio {
  return {
    ratio: medianOf(numerator) / medianOf(denominator),
    interval: bootstrap([numerator, denominator], ([over, under]) => over / under),
  };
}

/** The middle value. */
export function medianOf(samples: readonly number[]): number {
  return quantileSorted(ascending(samples), 0.5);
}

/**
 * The two-sided probability that samples of one distribution differ as much as these do, by the test of Mann and Whitney
 * (1947): normal approximation with corrections for ties and continuity, good from about eight samples per side.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))]
    .sort((left, right) => left.value - right.value);
  let rankSum = 0;
  let tieTerm = 0;
  for (let begin = 0; begin < all.length;) {
    let end = begin;
    while (end < all.length && all[end].value === all[begin].value) end++;
    const rank = (begin + 1 + end) / 2;
    rankSum += rank * all.slice(begin, end).filter(({ first }) => first).length;
    tieTerm += (end - begin) ** 3 - (end - begin);
    begin = end;
  }
  const [n, m] = [a.length, b.length];
  const count = n + m;
  const excess = Math.abs(rankSum - n * (n + 1) / 2 - n * m / 2);
  const variance = n * m / 12 * (count + 1 - tieTerm / (count * (count - 1)));
  if (variance <= 0) return 1;
  return 1 - errorFunction(Math.max(0, excess - 0.5) / Math.sqrt(2 * variance));
}

/** 2.5 % and 97.5 % quantiles of a function of the sets' medians over resampled sets; the same for the same samples. */
function bootstrap(
  sets: readonly (readonly number[])[],
  statistic: (medians: readonly number[]) => number,
): [number, number] {
  const random = randomNumbers(sets.length);
  const values = Array.from({ length: resamplings }, () =>
    statistic(sets.map((set) => {
      const drawn = set.map(() => set[Math.floor(random() * set.length)]);
      return medianOf(drawn);
    })));
  const sorted = ascending(values);
  return [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)];
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
