import { assertAlmostEquals, assertEquals } from "@std/assert";
import { aucOf, countsOf, meanOf, measuresOf, medianOf } from "../../../plugins/evaluate/measures.ts";

Deno.test("measures follow from counts", () => {
  // Dice 2 * 6 / (12 + 2 + 4), IoU 6 / 12.
  const measured = measuresOf({ tp: 6, fp: 2, fn: 4, tn: 88 });
  assertAlmostEquals(measured.dice ?? NaN, 12 / 18);
  assertAlmostEquals(measured.iou ?? NaN, 0.5);
  assertAlmostEquals(measured.accuracy ?? NaN, 0.94);
  assertAlmostEquals(measured.precision ?? NaN, 0.75);
  assertAlmostEquals(measured.recall ?? NaN, 0.6);
  assertAlmostEquals(measured.specificity ?? NaN, 88 / 90);
});

Deno.test("measures that nothing defines are null", () => {
  const nothing = { dice: null, iou: null, accuracy: null, precision: null, recall: null, specificity: null };
  assertEquals(measuresOf({ tp: 0, fp: 0, fn: 0, tn: 0 }), nothing);
  assertEquals(measuresOf({ tp: 0, fp: 0, fn: 0, tn: 3 }), { ...nothing, accuracy: 1, specificity: 1 });
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
