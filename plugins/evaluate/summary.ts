import type {
  CaseMeasures,
  ClassificationSummary,
  SegmentationSummary,
  TumorSummary,
} from "../formats/measures/measures.ts";
import { intervalsOf } from "./bootstrap.ts";
import { calibrationOf, histogramOf, precisionRecallCurve, rocCurve, type Scored } from "./curves.ts";
import { aucOf, type Counts, meanOf, measuresOf, medianOf, ratio, sumOf } from "./measures.ts";

type Segmentation = NonNullable<CaseMeasures["segmentation"]>;

/** The class of cases without a tumor. */
const none = "none";

/**
 * Segmentation over all cases with a true mask. Dice, IoU and the Hausdorff distance are means over the cases that define
 * them: Dice and IoU those whose truth isn't empty (0 where nothing was found), the distance those where neither mask is
 * empty. Accuracy, precision, recall, specificity and MCC are of all pixels together. `cases` counts cases: a region that
 * is overlapped at all is a true positive, one found where there is none a false positive. `intervals` are of 95 %, drawn
 * by patients or series where they are known.
 */
export function segmentationSummary(all: readonly CaseMeasures[]): SegmentationSummary | undefined {
  const measured = all.filter(({ segmentation }) => segmentation !== undefined);
  const cases = measured.map(({ segmentation }) => segmentation as Segmentation);
  if (cases.length === 0) return undefined;
  const { accuracy, precision, recall, specificity, mcc } = measuresOf(sumOf(cases));
  const perCase = sumOf(cases.map(caseCounts));
  const classes = [...new Set(cases.map(({ truthClass }) => truthClass).filter((name) => name !== undefined))].sort();
  return {
    dice: { ...diceSummary(cases), nEmpty: cases.filter((one) => one.tp + one.fn === 0).length },
    iou: meanOf(numbers(cases.map(({ iou }) => iou))),
    accuracy,
    precision,
    recall,
    specificity,
    mcc,
    ...distanceSummary(cases),
    cases: { ...perCase },
    intervals: intervalsOf(measured, ({ group }) => group, (drawn) => {
      const own = drawn.map(({ segmentation }) => segmentation as Segmentation);
      const { dice: _dice, iou: _iou, ...ofPixels } = measuresOf(sumOf(own));
      const distances = distanceSummary(own);
      return {
        dice: diceSummary(own).mean,
        iou: meanOf(numbers(own.map(({ iou }) => iou))),
        ...ofPixels,
        ...distances.hd95Mm ? { hd95Mm: distances.hd95Mm.mean } : {},
        ...distances.hd95Px ? { hd95Px: distances.hd95Px.mean } : {},
      };
    }),
    histogram: histogramOf(numbers(cases.map(({ dice }) => dice))),
    byClass: Object.fromEntries(classes.map((name) => {
      const own = cases.filter(({ truthClass }) => truthClass === name);
      return [name, { dice: diceSummary(own), iou: meanOf(numbers(own.map(({ iou }) => iou))) }];
    })),
  };
}

/**
 * Classification over all cases with a true class, each class against the others; rows of `confusion` are the truth. Where
 * `none` is a class, `tumor` is the decision whether there is any: positive is what is not `none`.
 */
export function classificationSummary(cases: readonly CaseMeasures[]): ClassificationSummary | undefined {
  const judged = cases.flatMap(({ classification, class: found, group }) =>
    classification && found ? [{ ...classification, found, group }] : []
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
    const { precision, recall, specificity, dice, mcc } = measuresOf(
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
      f1: dice,
      mcc,
      auc: aucOf(scored),
    }];
  });
  return {
    n: judged.length,
    accuracy: ratio(judged.filter(({ correct }) => correct).length, judged.length),
    confusion,
    labels,
    perClass: Object.fromEntries(perClass),
    intervals: intervalsOf(judged, ({ group }) => group, (drawn) => ({
      accuracy: ratio(drawn.filter(({ correct }) => correct).length, drawn.length),
    })),
    calibration: calibrationOf(judged.map(({ found, correct }) => ({
      probability: found.probabilities[found.label] ?? 0,
      right: correct,
    }))),
    ...labels.includes(none) ? { tumor: tumorSummary(judged) } : {},
  };
}

type Judged = NonNullable<CaseMeasures["classification"]> & {
  readonly found: NonNullable<CaseMeasures["class"]>;
  readonly group?: string;
};

/** Whether there is a tumor, of whatever type. The score of the curves is 1 - the probability of `none`. */
function tumorSummary(judged: readonly Judged[]): TumorSummary {
  const scored = judged.map(scoreOf);
  return {
    ...tumorFigures(judged),
    ...countsOfTumors(judged),
    intervals: intervalsOf(judged, ({ group }) => group, tumorFigures),
    roc: rocCurve(scored),
    precisionRecall: precisionRecallCurve(scored),
  };
}

function scoreOf({ found, truth }: Judged): Scored {
  return { score: 1 - (found.probabilities[none] ?? 0), positive: truth !== none };
}

function countsOfTumors(judged: readonly Judged[]): Counts {
  return sumOf(judged.map(({ truth, predicted }) => decision(predicted !== none, truth !== none)));
}

function tumorFigures(
  judged: readonly Judged[],
): Omit<TumorSummary, keyof Counts | "intervals" | "roc" | "precisionRecall"> {
  const { dice, iou: _iou, ...others } = measuresOf(countsOfTumors(judged));
  return { ...others, f1: dice, auc: aucOf(judged.map(scoreOf)) };
}

function distanceSummary(cases: readonly Segmentation[]): Record<string, { mean: number | null; n: number }> {
  return Object.fromEntries((["hd95Mm", "hd95Px"] as const).flatMap((name) => {
    const found = numbers(cases.map((one) => one[name] ?? null));
    return found.length === 0 ? [] : [[name, { mean: meanOf(found), n: found.length }]];
  }));
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
