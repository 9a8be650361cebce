/** How many of some elements were rightly or wrongly called positive or negative. */
export interface Counts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** Measures of a two-class decision, from 0 to 1; `null` where nothing defines them (0 / 0). */
export interface Measured {
  /** 2 TP / (2 TP + FP + FN). */
  readonly dice: number | null;
  /** Intersection over union (Jaccard): TP / (TP + FP + FN). */
  readonly iou: number | null;
  readonly accuracy: number | null;
  /** TP / (TP + FP). */
  readonly precision: number | null;
  /** TP / (TP + FN), also called sensitivity. */
  readonly recall: number | null;
  /** TN / (TN + FP). */
  readonly specificity: number | null;
  /** Matthews' correlation coefficient, from -1 to 1; 0 where a row or column of the four counts is empty. */
  readonly mcc: number | null;
}

/** Quotient, or nothing where there is nothing to divide by. */
export function ratio(part: number, total: number): number | null {
  return total === 0 ? null : part / total;
}

/** The measures that follow from counts. */
export function measuresOf({ tp, fp, fn, tn }: Counts): Measured {
  return {
    dice: ratio(2 * tp, 2 * tp + fp + fn),
    iou: ratio(tp, tp + fp + fn),
    accuracy: ratio(tp + tn, tp + fp + fn + tn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    mcc: correlationOf({ tp, fp, fn, tn }),
  };
}

function correlationOf({ tp, fp, fn, tn }: Counts): number | null {
  if (tp + fp + fn + tn === 0) return null;
  // In pairs, whose products are squares where nothing is wrong: then the result is 1 and not nearly so.
  const margins = Math.sqrt((tp + fp) * (tp + fn)) * Math.sqrt((tn + fp) * (tn + fn));
  return margins === 0 ? 0 : (tp * tn - fp * fn) / margins;
}

/** Compares two masks element by element; what is above 0.5 is positive. */
export function countsOf(mask: ArrayLike<number | bigint>, truth: ArrayLike<number | bigint>): Counts {
  let [tp, fp, fn, tn] = [0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] > 0.5) truth[i] > 0.5 ? tp++ : fp++;
    else truth[i] > 0.5 ? fn++ : tn++;
  }
  return { tp, fp, fn, tn };
}

/** Adds up counts. */
export function sumOf(counts: readonly Counts[]): Counts {
  return counts.reduce(
    (a, b) => ({ tp: a.tp + b.tp, fp: a.fp + b.fp, fn: a.fn + b.fn, tn: a.tn + b.tn }),
    { tp: 0, fp: 0, fn: 0, tn: 0 },
  );
}

/** Mean, or nothing for no numbers. */
export function meanOf(numbers: readonly number[]): number | null {
  return ratio(numbers.reduce((sum, number) => sum + number, 0), numbers.length);
}

/** The middle number, or the mean of the two middle ones, or nothing for no numbers. */
export function medianOf(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  return meanOf(sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1));
}

/**
 * Area under the receiver operating characteristic: how likely a positive case has a higher score than a negative one,
 * equal scores counting half (Mann and Whitney 1947). Nothing where one kind is missing.
 */
export function aucOf(scored: readonly { readonly score: number; readonly positive: boolean }[]): number | null {
  const sorted = scored.toSorted((a, b) => a.score - b.score);
  const positives = scored.filter(({ positive }) => positive).length;
  let ranks = 0;
  for (let begin = 0; begin < sorted.length;) {
    let end = begin;
    while (end < sorted.length && sorted[end].score === sorted[begin].score) end++;
    // Ranks count from 1; equal scores share their mean rank.
    for (let at = begin; at < end; at++) if (sorted[at].positive) ranks += (begin + 1 + end) / 2;
    begin = end;
  }
  return ratio(ranks - positives * (positives + 1) / 2, positives * (sorted.length - positives));
}
