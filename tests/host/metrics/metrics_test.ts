import { assertEquals, assertThrows } from "@std/assert";
import { metrics } from "../../../shaders/mod.ts";
import { filledTensor } from "../../../shaders/cases.ts";
import type { StructuralSimilarityOptions } from "../../../shaders/metrics/mod.ts";

const image = filledTensor([1, 10, 12], 0.5);
const volume = filledTensor([1, 5, 10, 12], 0.5);

function similarity(input: typeof image, options: Partial<StructuralSimilarityOptions>) {
  const { structuralSimilarity } = metrics;
  return structuralSimilarity.outputs([input, input], structuralSimilarity.options.parse(options));
}

Deno.test("structuralSimilarity refuses images smaller than its window, and windows that are none", () => {
  const refused = (input: typeof image, options: Partial<StructuralSimilarityOptions>, message: string) =>
    assertThrows(() => similarity(input, options), RangeError, message);
  refused(image, { size: 11 }, "a window of 11 pixels, but the image has 10 along y: take a smaller size");
  refused(image, { window: "gaussian" }, "a window of 11 pixels, but the image has 10 along y: take a smaller sigma");
  refused(volume, {}, "a window of 7 pixels, but the image has 5 along z: take a smaller size, or slicewise");
  refused(image, { size: 4 }, "size is 4: it must be odd");
  refused(image, { window: "gaussian", sigma: 0.1 }, "a window of one pixel");
  similarity(volume, { slicewise: true });
});

Deno.test("metrics refuse images of different shapes, and PSNR of equal images is infinite", () => {
  assertThrows(
    () => metrics.meanSquaredError.outputs([image, volume], {}),
    RangeError,
    "meanSquaredError got the shape [1, 10, 12] as reference and [1, 5, 10, 12] as test: they must be the same",
  );
  assertEquals(metrics.peakSignalNoiseRatio.twin([image, image], { dataRange: 1 })[0].data[0], Infinity);
});
