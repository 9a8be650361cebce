import { assert, assertEquals } from "@std/assert";
import { matchBoxes, matchDetections } from "../detections.ts";

Deno.test("boxes that were clipped to no area are found again", () => {
  const wanted = Float32Array.of(96, 10, 96, 30, 5, 5, 25, 45, 12, 0, 60, 0);
  const found = Float32Array.of(12, 0, 60.0001, 0, 96, 10, 96, 30, 5, 5, 25, 45.0001);
  const { matched, error } = matchBoxes(found, wanted);
  assertEquals(matched, 1);
  assert(error > 0 && error < 1e-4, `the error is ${error}`);
});

Deno.test("boxes elsewhere, with and without area, are not found again", () => {
  const wanted = Float32Array.of(96, 10, 96, 30, 5, 5, 25, 45);
  assertEquals(matchBoxes(Float32Array.of(96, 10, 96, 30.1, 5, 5, 25, 60), wanted).matched, 0);
  assertEquals(matchBoxes(Float32Array.of(NaN, 10, 96, 30, 5, 5, 25, 45), wanted).matched, 0.5);
});

Deno.test("a detection is found again with its label alone", () => {
  const of = (label: number) => ({
    boxes: Float32Array.of(96, 10, 96, 30),
    labels: Int32Array.of(label),
    scores: Float32Array.of(0.5),
    masks: new Float32Array(4),
  });
  assertEquals(matchDetections(of(2), of(2)), { matched: 1, error: 0 });
  assertEquals(matchDetections(of(1), of(2)).matched, 0);
});
