import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type Geometry,
  geometryOfSpacing,
  type HostCopy,
  InputError,
  type Placed,
  unknownGeometry,
} from "../../../engine/pipeline/mod.ts";
import { classOf, labelsOf, regionOf, segmentationOf } from "../../../plugins/evaluate/case_measures.ts";
import type { CaseMeasures } from "../../../plugins/formats/measures/measures.ts";
import { familiarityOf } from "../../../plugins/evaluate/familiarity.ts";
import { classificationSummary, segmentationSummary } from "../../../plugins/evaluate/summary.ts";

const at = (geometry: Geometry, ...data: number[]): Placed<HostCopy> => ({
  tensor: { dtype: "f32", shape: [2, 2], data: Float32Array.from(data) },
  geometry,
});
const mask = (...data: number[]): Placed<HostCopy> => at(unknownGeometry(2), ...data);
const labels = ["meningioma", "glioma", "none"];
const classes = (...rows: number[][]) => ({
  labels,
  probabilities: { dtype: "f32" as const, shape: [rows.length, 3], data: Float32Array.from(rows.flat()) },
});

Deno.test("a region has a size in mm where the pixels' size is known", () => {
  assertEquals(regionOf(mask(1, 0, 1, 0)), { pixels: 2 });
  assertEquals(regionOf(at(geometryOfSpacing([0.5, 2]), 1, 0, 1, 0)), { pixels: 2, areaMm2: 2 });
  const volume: HostCopy = { dtype: "f32", shape: [1, 1, 2], data: Float32Array.of(1, 1) };
  assertEquals(regionOf({ tensor: volume, geometry: geometryOfSpacing([3, 1, 1]) }), { pixels: 2, volumeMm3: 6 });
});

Deno.test("each label of a mask of several has its extent and the image's values", () => {
  const geometry = geometryOfSpacing([0.5, 2]);
  const found = { ...at(geometry, 2, 0, 1, 2), labels: ["liver", "tumor", "cyst"], colors: ["#00ff00"] };
  assertEquals(labelsOf(found, at(geometry, 10, 50, -3, 20)), {
    liver: { pixels: 1, areaMm2: 1, color: "#00ff00", mean: -3, deviation: 0, least: -3, greatest: -3 },
    tumor: { pixels: 2, areaMm2: 2, mean: 15, deviation: 5, least: 10, greatest: 20 },
    cyst: { pixels: 0, areaMm2: 0 },
  });
  assertEquals(labelsOf(found, undefined)?.tumor, { pixels: 2, areaMm2: 2 });
  assertEquals(labelsOf({ ...mask(1, 0, 1, 0), labels: ["tumor"] }, undefined), undefined);
});

Deno.test("of a volume's slices the median one says how familiar it is, of crops the least familiar one", () => {
  const scores = { dtype: "f32", shape: [3, 1], data: Float32Array.of(1, 9, 2) } as const;
  const evidence = { model: "net", limit: 3, unfamiliarity: scores };
  assertEquals(familiarityOf([evidence as never])?.score, 9);
  assertEquals(familiarityOf([{ ...evidence, ofSlices: true } as never])?.score, 2);
});

Deno.test("the class is that of the box that is the least none", () => {
  assertEquals(classOf(classes())?.label, "none");
  assertEquals(classOf(classes([0, 0, 1]))?.label, "none");
  assertEquals(classOf(classes([0.1, 0.2, 0.7], [0.1, 0.5, 0.4])), {
    label: "glioma",
    probabilities: { meningioma: 0.1, glioma: 0.5, none: 0.4 },
  });
});

Deno.test("Dice of an empty truth is not defined", () => {
  const measured = segmentationOf(mask(1, 0, 0, 0), { mask: mask(0, 0, 0, 0), class: "none" }, "a.png");
  assertEquals([measured?.fp, measured?.dice, measured?.iou, measured?.specificity], [1, null, null, 0.75]);
  assertEquals(segmentationOf(mask(1, 0, 0, 0), { class: "none" }, "a.png"), measured);
  assertEquals(segmentationOf(mask(1, 0, 0, 0), { class: "glioma" }, "a.png"), undefined);
});

Deno.test("a true mask of another size is refused", () => {
  const other: HostCopy = { dtype: "u8", shape: [1, 2], data: Uint8Array.of(1, 0) };
  const truth = { mask: { tensor: other, geometry: unknownGeometry(2) } };
  assertThrows(() => segmentationOf(mask(1, 0, 0, 0), truth, "a.png"), InputError, "a.png");
  const elsewhere = { mask: at(geometryOfSpacing([1, 2]), 1, 0, 0, 0) };
  assertThrows(() => segmentationOf(mask(1, 0, 0, 0), elsewhere, "a.png"), InputError, "lies elsewhere");
});

Deno.test("the summary of masks leaves empty truths out of the mean and counts them", () => {
  const cases = [
    segmentationOf(mask(1, 1, 0, 0), { mask: mask(1, 1, 0, 0), class: "glioma" }, ""),
    segmentationOf(mask(1, 0, 0, 0), { mask: mask(1, 1, 1, 0), class: "glioma" }, ""),
    segmentationOf(mask(0, 0, 0, 0), { mask: mask(0, 0, 0, 1), class: "meningioma" }, ""),
    segmentationOf(mask(0, 0, 1, 0), { class: "none" }, ""),
    segmentationOf(mask(0, 0, 0, 0), { class: "none" }, ""),
  ].map((segmentation): CaseMeasures => ({ segmentation }));
  // Dice 1, 0.5, 0; IoU 1, 1/3, 0; pixels: TP 3, FP 1, FN 3, TN 13.
  const { intervals, histogram, ...summary } = segmentationSummary(cases) as Record<string, unknown>;
  for (const [low, high] of Object.values(intervals as Record<string, number[]>)) assert(low <= high);
  assertEquals(Object.keys(intervals as object).sort(), [
    "accuracy",
    "dice",
    "hd95Px",
    "iou",
    "mcc",
    "precision",
    "recall",
    "specificity",
  ]);
  assertEquals(histogram, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  assertEquals(summary, {
    dice: { mean: 0.5, median: 0.5, n: 3, nEmpty: 2 },
    iou: (1 + 1 / 3 + 0) / 3,
    accuracy: 16 / 20,
    precision: 3 / 4,
    recall: 3 / 6,
    specificity: 13 / 14,
    mcc: (3 * 13 - 1 * 3) / Math.sqrt(4 * 6 * 14 * 16),
    // The found pixels are a subset of the true ones: 0 one way, and at most 1 the other, where both have any.
    hd95Px: { mean: 0.5, n: 2 },
    cases: { tp: 2, fp: 1, fn: 1, tn: 1 },
    byClass: {
      glioma: { dice: { mean: 0.75, median: 0.75, n: 2 }, iou: (1 + 1 / 3) / 2 },
      meningioma: { dice: { mean: 0, median: 0, n: 1 }, iou: 0 },
      none: { dice: { mean: null, median: null, n: 0 }, iou: null },
    },
  });
  assertEquals(segmentationSummary([]), undefined);
});

Deno.test("the summary of classes has the confusion table and each class against the others", () => {
  const one = (truth: string, row: number[]): CaseMeasures => {
    const found = classOf(classes(row));
    const predicted = found?.label ?? "";
    return { class: found, classification: { truth, predicted, correct: truth === predicted } };
  };
  const summary = classificationSummary([
    one("glioma", [0.1, 0.8, 0.1]),
    one("glioma", [0.6, 0.3, 0.1]),
    one("meningioma", [0.7, 0.2, 0.1]),
    one("none", [0.1, 0.2, 0.7]),
    { class: classOf(classes([1, 0, 0])) },
  ]) as Record<string, unknown>;
  assertEquals(summary.n, 4);
  assertEquals(summary.accuracy, 0.75);
  assertEquals(summary.labels, labels);
  assertEquals(summary.confusion, [[1, 0, 0], [1, 1, 0], [0, 0, 1]]);
  const perClass = summary.perClass as Record<string, Record<string, number>>;
  assertEquals(perClass.glioma.precision, 1);
  assertEquals(perClass.glioma.recall, 0.5);
  assertEquals(perClass.glioma.specificity, 1);
  // Gliomas score 0.8 and 0.3, the others 0.2 and 0.2.
  assertEquals(perClass.glioma.auc, 1);
  // The meningioma scores 0.7, the others 0.1, 0.6, 0.1.
  assertEquals(perClass.meningioma.auc, 1);
  assertAlmostEquals(perClass.meningioma.precision, 0.5);
  assertEquals(classificationSummary([{ class: classOf(classes([1, 0, 0])) }]), undefined);
});

Deno.test("the network that finds a case the least familiar decides", () => {
  const said = (model: string, limit: number | null, ...scores: number[]) => ({
    model,
    limit,
    unfamiliarity: { dtype: "f32" as const, shape: [scores.length, 1], data: Float32Array.from(scores) },
  });
  assertEquals(familiarityOf([undefined, { model: "other", limit: null }, said("mute", null, 9)]), undefined);
  assertEquals(familiarityOf([said("region", 2, 1.5), said("type", 4, 0.5, 5)]), {
    model: "type",
    score: 5,
    threshold: 4,
    unfamiliar: true,
  });
  assertEquals(familiarityOf([said("region", 2, 2), said("type", 4, 0)])?.unfamiliar, false);
});
