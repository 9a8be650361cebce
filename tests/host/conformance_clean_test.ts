import { assertEquals } from "@std/assert";
import { findClean } from "../conformance/clean.ts";
import { randomNumbers } from "../../shaders/cases.ts";

/** Blurs in a circle, by the definition: a PSF of 3 x 3 about its middle. */
function blurred(data: Float32Array, height: number, width: number, psf: readonly number[]): Float32Array {
  return data.map((_, at) => {
    let sum = 0;
    psf.forEach((weight, index) => {
      const y = (Math.floor(at / width) - Math.floor(index / 3) + 1 + height) % height;
      sum += weight * data[y * width + (at % width - index % 3 + 1 + width) % width];
    });
    return sum;
  });
}

Deno.test("the clean image of a blurred window is found among others, and none where there is none", () => {
  const next = randomNumbers(5);
  const [height, width] = [24, 30];
  const image = { shape: [50, 61], data: Float32Array.from({ length: 50 * 61 }, next) };
  const other = { shape: [40, 40], data: Float32Array.from({ length: 1600 }, next) };
  const window = Float32Array.from({ length: height * width }, (_, at) => {
    return image.data[(17 + Math.floor(at / width)) * 61 + 20 + at % width];
  });
  const psf = [0.05, 0.1, 0, 0.1, 0.4, 0.1, 0.05, 0.1, 0.1];
  const input = blurred(window, height, width, psf).map((value) => value + 0.02 * (next() - 0.5));
  const given = [{ shape: [height, width], data: input }, { shape: [3, 3], data: Float32Array.from(psf) }] as const;
  assertEquals(findClean(...given, [other, image]), window);
  assertEquals(findClean(...given, [other]), undefined);
});
