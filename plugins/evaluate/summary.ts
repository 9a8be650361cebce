import type { Json } from "../../engine/pipeline/mod.ts";
import type { CaseMeasures } from "./case_measures.ts";
import { aucOf, type Counts, meanOf, measuresOf, medianOf, ratio, sumOf } from "./measures.ts";

type Segmentation = NonNullable<CaseMeasures["segmentation"]>;

/**
 * Segmentation over all cases with a true mask. Dice and IoU are means over the cases whose truth isn't empty; accuracy,
 * precision, recall and specificity are of all pixels together. `cases` counts cases: a region that is overlapped at all is
 * a true positive, one found where there is none a false positive.
 */
export function segmentationSummary(cases: readonly Segmentation[]): Json | undefined {
  if (cases.length === 0) return undefined;
  const { accuracy, precision, recall, specificity } = measuresOf(sumOf(cases));
  const perCase = sumOf(cases.map(caseCounts));
  const classes = [...new Set(cases.map(({ truthClass }) => truthClass).filter((name) => name !== undefined))].sort();
  return {
    dice: { ...diceSummary(cases), nEmpty: cases.filter((one) => one.tp + one.fn === 0).length },
    iou: meanOf(numbers(cases.map(({ iou }) => iou))),
    accuracy,
    precision,
    recall,
    specificity,
    cases: { ...perCase },
    byClass: Object.fromEntries(classes.map((name) => {
      const own = cases.filter(({ truthClass }) => truthClass === name);
      return [name, { dice: diceSummary(own), iou: meanOf(numbers(own.map(({ iou }) => iou))) }];
    })),
  };
}

/** Classification over all cases with a true class, each class against the others. Rows of `confusion` are the truth. */
export function classificationSummary(cases: readonly CaseMeasures[]): Json | undefined {
  const judged = cases.flatMap(({ classification, class: found }) =>
    classification && found ? [{ ...classification, found }] : []
  );
  if (judged.length === 0) return undefined;
  const labels = [
    ...new Set([
      ...judged.flatMap(({ found }) => Object.keys(found.probabilities)),
      ...judged.flatMap(({ truth, predicted }) => [truth, predicted]),
    ]),
  ];
  const confusion = labels.map((truth) =>
    labels.map((predicted) => judged.filter((one) => one.truth === truth && one.predicted === predicted).length)
  );
  const perClass = labels.map((label) => {
    const { precision, recall, specificity } = measuresOf(
      sumOf(judged.map(({ truth, predicted }) => decision(predicted === label, truth === label))),
    );
    const scored = judged.map(({ truth, found }) => ({
      score: found.probabilities[label] ?? 0,
      positive: truth === label,
    }));
    return [label, {
      n: judged.filter(({ truth }) => truth === label).length,
      precision,
      recall,
      specificity,
      auc: aucOf(scored),
    }];
  });
  return {
    n: judged.length,
    accuracy: ratio(judged.filter(({ correct }) => correct).length, judged.length),
    confusion,
    labels,
    perClass: Object.fromEntries(perClass),
  };
}

function diceSummary(cases: readonly Segmentation[]): { mean: number | null; median: number | null; n: number } {
  const dice = numbers(cases.map((one) => one.dice));
  return { mean: meanOf(dice), median: medianOf(dice), n: dice.length };
}

function caseCounts({ tp, fp, fn }: Segmentation): Counts {
  const isThere = tp + fn > 0;
  return decision(isThere ? tp > 0 : fp > 0, isThere);
}

function decision(said: boolean, so: boolean): Counts {
  const one = (is: boolean): number => is ? 1 : 0;
  return { tp: one(said && so), fp: one(said && !so), fn: one(!said && so), tn: one(!said && !so) };
}

function numbers(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}
