import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { geometryOfSpacing, unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { intervalsOf } from "../../../plugins/evaluate/bootstrap.ts";
import { boxIn } from "../../../plugins/evaluate/case_measures.ts";
import { calibrationOf, histogramOf, precisionRecallCurve, rocCurve } from "../../../plugins/evaluate/curves.ts";
import { hausdorff95 } from "../../../plugins/evaluate/distance.ts";
import { aucOf, countsOf, meanOf, measuresOf, medianOf } from "../../../plugins/evaluate/measures.ts";
import { hostTensor } from "../../../shaders/cases.ts";
import { randomNumbers } from "../../../shaders/mod.ts";

Deno.test("measures follow from counts", () => {
  // Dice 2 * 6 / (12 + 2 + 4), IoU 6 / 12.
  const measured = measuresOf({ tp: 6, fp: 2, fn: 4, tn: 88 });
  assertAlmostEquals(measured.dice ?? NaN, 12 / 18);
  assertAlmostEquals(measured.iou ?? NaN, 0.5);
  assertAlmostEquals(measured.accuracy ?? NaN, 0.94);
  assertAlmostEquals(measured.precision ?? NaN, 0.75);
  assertAlmostEquals(measured.recall ?? NaN, 0.6);
  assertAlmostEquals(measured.specificity ?? NaN, 88 / 90);
  assertAlmostEquals(measured.mcc ?? NaN, (6 * 88 - 2 * 4) / Math.sqrt(8 * 10 * 90 * 92));
});

Deno.test("measures that nothing defines are null", () => {
  const nothing = {
    dice: null,
    iou: null,
    accuracy: null,
    precision: null,
    recall: null,
    specificity: null,
    mcc: null,
  };
  assertEquals(measuresOf({ tp: 0, fp: 0, fn: 0, tn: 0 }), nothing);
  assertEquals(measuresOf({ tp: 0, fp: 0, fn: 0, tn: 3 }), { ...nothing, accuracy: 1, specificity: 1, mcc: 0 });
});

Deno.test("masks are compared element by element", () => {
  assertEquals(countsOf([1, 1, 0, 0, 0, 0.5], [1, 0, 1, 0, 0, 1]), { tp: 1, fp: 1, fn: 2, tn: 2 });
  assertEquals(countsOf(new BigInt64Array([1n, 0n]), new Uint8Array([1, 255])), { tp: 1, fp: 0, fn: 1, tn: 0 });
});

Deno.test("the mean and the median of no numbers are null", () => {
  assertEquals(meanOf([]), null);
  assertEquals(medianOf([]), null);
  assertEquals(medianOf([7]), 7);
  assertEquals(medianOf([9, 1, 3]), 3);
  assertEquals(medianOf([9, 1, 3, 5]), 4);
});

Deno.test("the area under the curve counts equal scores half", () => {
  const scored = (positive: number[], negative: number[]) => [
    ...positive.map((score) => ({ score, positive: true })),
    ...negative.map((score) => ({ score, positive: false })),
  ];
  assertEquals(aucOf(scored([0.9, 0.8], [0.1, 0.2])), 1);
  assertEquals(aucOf(scored([0.1, 0.2], [0.9, 0.8])), 0);
  assertEquals(aucOf(scored([0.5, 0.5], [0.5])), 0.5);
  // Pairs: 0.8 beats 0.4 and 0.6; 0.4 equals 0.4 (half) and loses to 0.6: 2.5 of 4.
  assertAlmostEquals(aucOf(scored([0.8, 0.4], [0.4, 0.6])) ?? NaN, 2.5 / 4);
  assertEquals(aucOf(scored([0.5], [])), null);
});

/** By all pairs of elements on the surfaces. */
function hausdorffOfPairs(a: number[], b: number[], shape: number[], spacing: number[]): number | null {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((x, y) => x * y, 1));
  const place = (at: number) => shape.map((length, axis) => Math.floor(at / strides[axis]) % length);
  const surface = (mask: number[]) =>
    [...mask.keys()].filter((at) =>
      mask[at] === 1 && shape.some((length, axis) => {
        const along = place(at)[axis];
        return along === 0 || along === length - 1 || mask[at - strides[axis]] === 0 || mask[at + strides[axis]] === 0;
      })
    );
  const far = (from: number[], to: number[]) => {
    const distances = from.map((p) =>
      Math.min(...to.map((q) => Math.hypot(...place(p).map((x, axis) => spacing[axis] * (x - place(q)[axis])))))
    ).sort((x, y) => x - y);
    const rank = 0.95 * (distances.length - 1);
    const [low, high] = [distances[Math.floor(rank)], distances[Math.ceil(rank)]];
    return low + (rank - Math.floor(rank)) * (high - low);
  };
  const [one, other] = [surface(a), surface(b)];
  return one.length === 0 || other.length === 0 ? null : Math.max(far(one, other), far(other, one));
}

Deno.test("the Hausdorff distance is that of all pairs, in two and three axes and any spacing", () => {
  const next = randomNumbers(5);
  for (const [shape, spacing] of [[[9, 13], [1, 1]], [[5, 7, 6], [3, 0.5, 0.7]], [[1, 1], [2, 2]], [[6, 1], [1, 9]]]) {
    for (const density of [0.02, 0.3, 0.9]) {
      const random = () => Array.from({ length: shape.reduce((a, b) => a * b) }, () => next() < density ? 1 : 0);
      const [a, b] = [random(), random()];
      const [found, expected] = [hausdorff95(a, b, shape, spacing), hausdorffOfPairs(a, b, shape, spacing)];
      if (expected === null) assertEquals(found, null);
      else assertAlmostEquals(found ?? NaN, expected, 1e-9);
    }
  }
  const square = (from: number) => Array.from({ length: 400 }, (_, i) => i % 20 >= from && i % 20 < from + 8 ? 1 : 0);
  assertEquals(hausdorff95(square(2), square(5), [20, 20], [0.5, 0.5]), 1.5);
});

Deno.test("intervals are drawn by groups, and the same each time", () => {
  const cases = Array.from({ length: 60 }, (_, i) => ({ value: i % 2, group: `${i % 6}` }));
  const mean = (drawn: readonly { value: number }[]) => ({
    mean: meanOf(drawn.map(({ value }) => value)),
    never: null,
  });
  const alone = intervalsOf(cases, () => undefined, mean);
  const grouped = intervalsOf(cases, ({ group }) => group, mean);
  assertEquals(intervalsOf(cases, () => undefined, mean), alone);
  assertEquals(Object.keys(alone), ["mean"]);
  // Sixty coins: 0.5 +- 1.96 * sqrt(0.25 / 60); six groups: about three times as wide.
  assertAlmostEquals(alone.mean[0], 0.5 - 1.96 * Math.sqrt(0.25 / 60), 0.03);
  assertAlmostEquals(alone.mean[1], 0.5 + 1.96 * Math.sqrt(0.25 / 60), 0.03);
  assert(grouped.mean[1] - grouped.mean[0] > 2 * (alone.mean[1] - alone.mean[0]));
  assertEquals(intervalsOf(cases, () => "one", mean), {});
});

Deno.test("curves go through each threshold once", () => {
  const scored = [0.9, 0.8, 0.8, 0.3].map((score, i) => ({ score, positive: i === 0 || i === 2 }));
  assertEquals(rocCurve(scored), [[0, 0], [0, 0.5], [0.5, 1], [1, 1]]);
  assertEquals(precisionRecallCurve(scored), [[0.5, 1], [1, 2 / 3], [1, 0.5]]);
  assertEquals(rocCurve(scored.filter(({ positive }) => positive)), []);
  assertEquals(precisionRecallCurve([]), []);
});

Deno.test("calibration compares the probability with the share that is right", () => {
  const named = [0.95, 1, 0.55, 0.55].map((probability, i) => ({ probability, right: i !== 2 }));
  const { bins, error } = calibrationOf(named);
  assertEquals(bins.map(([, right, count]) => [right, count]), [[0.5, 2], [1, 2]]);
  assertAlmostEquals(bins[1][0], 0.975);
  assertAlmostEquals(error ?? NaN, 0.5 * 0.05 + 0.5 * 0.025);
  assertEquals(calibrationOf([]), { bins: [], error: null });
  assertEquals(histogramOf([0, 0.049, 0.05, 1], 20), [2, 1, ...new Array(17).fill(0), 1]);
});

Deno.test("what is all right correlates with 1, not with nearly 1", () => {
  for (const [tp, tn] of [[4, 8], [2, 10], [3, 7], [65_000, 1_234_567]]) {
    assertEquals(measuresOf({ tp, fp: 0, fn: 0, tn }).mcc, 1);
  }
});

Deno.test("the box of a crop is told in pixels and in patient space", () => {
  const boxes = hostTensor([0, 0, 0, 0, 2, 4, 6, 10], [2, 4]);
  const geometry = geometryOfSpacing([0.5, 2]);
  const placed = { tensor: { ...boxes, data: Float32Array.from(boxes.data) }, geometry };
  // Pixel 2 begins half a pixel before its center: (2 - 0.5) * 2 mm.
  assertEquals(boxIn(placed), { pixels: [2, 4, 6, 10], cornersMm: [[3, 1.75, 0], [11, 4.75, 0]] });
  assertEquals(boxIn({ ...placed, geometry: unknownGeometry(2) }), { pixels: [2, 4, 6, 10] });
  assertEquals(boxIn({ ...placed, tensor: { dtype: "f32", shape: [1, 4], data: new Float32Array(4) } }), undefined);
});
