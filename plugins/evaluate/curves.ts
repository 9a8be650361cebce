/** Curves of scores against the truth, as points for pictures. */

/** A score, and whether it belongs to a positive case. */
export interface Scored {
  readonly score: number;
  readonly positive: boolean;
}

/** A point from 0 to 1 along both axes. */
export type Point = readonly [x: number, y: number];

/** Points of a curve that are kept at most. */
const kept = 200;

/** False positive rate and sensitivity at each threshold, from (0, 0) to (1, 1). Nothing where one kind is missing. */
export function rocCurve(scored: readonly Scored[]): Point[] {
  const steps = stepsOf(scored);
  const { tp: positives, fp: negatives } = steps[steps.length - 1];
  if (positives === 0 || negatives === 0) return [];
  return thinned(steps.map(({ tp, fp }): Point => [fp / negatives, tp / positives]));
}

/** Sensitivity and precision at each threshold. Nothing without positives. */
export function precisionRecallCurve(scored: readonly Scored[]): Point[] {
  const steps = stepsOf(scored);
  const positives = steps[steps.length - 1].tp;
  if (positives === 0) return [];
  return thinned(steps.slice(1).map(({ tp, fp }): Point => [tp / positives, tp / (tp + fp)]));
}

/** Of equal bins of a probability that hold any case: mean probability, share that was right, and number. */
export function calibrationOf(
  named: readonly { readonly probability: number; readonly right: boolean }[],
  bins = 10,
): { bins: [probability: number, right: number, count: number][]; error: number | null } {
  const result: [number, number, number][] = [];
  let error = 0;
  for (let bin = 0; bin < bins; bin++) {
    const own = named.filter(({ probability }) => Math.min(bins - 1, Math.floor(probability * bins)) === bin);
    if (own.length === 0) continue;
    const mean = own.reduce((sum, { probability }) => sum + probability, 0) / own.length;
    const right = own.filter((one) => one.right).length / own.length;
    result.push([mean, right, own.length]);
    error += own.length / named.length * Math.abs(mean - right);
  }
  return { bins: result, error: named.length === 0 ? null : error };
}

/** How many values from 0 to 1 lie in each of equal bins; 1 belongs to the last. */
export function histogramOf(values: readonly number[], bins = 20): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor(value * bins)))]++;
  return counts;
}

function stepsOf(scored: readonly Scored[]): { tp: number; fp: number }[] {
  const sorted = scored.toSorted((a, b) => b.score - a.score);
  const steps = [{ tp: 0, fp: 0 }];
  let [tp, fp] = [0, 0];
  for (const [at, { score, positive }] of sorted.entries()) {
    positive ? tp++ : fp++;
    if (sorted[at + 1]?.score !== score) steps.push({ tp, fp });
  }
  return steps;
}

function thinned(points: readonly Point[]): Point[] {
  const corners = points.filter((point, at) => {
    const [before, after] = [points[at - 1], points[at + 1]];
    if (!before || !after) return true;
    const isStraight = (axis: 0 | 1) => before[axis] === point[axis] && point[axis] === after[axis];
    return !isStraight(0) && !isStraight(1);
  });
  const step = Math.ceil(corners.length / kept);
  return corners.filter((_, at) => at % step === 0 || at === corners.length - 1);
}
