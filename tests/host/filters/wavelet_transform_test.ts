import { assert, assertThrows } from "@std/assert";
import { randomTensor } from "../../../shaders/cases.ts";
import { dwt, type DwtOptions } from "../../../shaders/filters/dwt/dwt.ts";
import { idwt } from "../../../shaders/filters/idwt/idwt.ts";
import { type Wavelet, wavelets } from "../../../shaders/filters/wavelet/coefficients.ts";

/** Greatest difference between an image and what the twins make of it, there and back. */
function difference(shape: readonly number[], options: Omit<DwtOptions, "slicewise">): number {
  const image = randomTensor([1, ...shape], { seed: 5, min: -1 });
  const { wavelet, border } = options;
  const coefficients = dwt.twin([image], dwt.options.parse(options));
  const [again] = idwt.twin(coefficients, idwt.options.parse({ wavelet, border, size: shape }));
  return image.data.reduce((most, value, index) => Math.max(most, Math.abs(value - again.data[index])), 0);
}

Deno.test("idwt undoes dwt, for every wavelet, sizes from 1 up and both borders", () => {
  for (const wavelet of wavelets) {
    for (const border of ["symmetric", "periodization"] as const) {
      for (const [shape, levels] of [[[13, 18], 2], [[1, 5], 2], [[2, 1], 1], [[3, 4, 5], 1]] as const) {
        const error = difference(shape, { wavelet, levels, border });
        assert(error < 1e-11, `${wavelet}, ${border}, ${shape}: ${error}`);
      }
    }
  }
});

Deno.test("idwt says what doesn't fit", () => {
  const spec = (...shape: number[]) => ({ dtype: "f32" as const, shape });
  const outputs = (specs: { dtype: "f32"; shape: number[] }[], size?: number[]) =>
    idwt.outputs(specs, idwt.options.parse({ wavelet: "db1", size }));
  const four = [spec(1, 4, 4), spec(1, 4, 4), spec(1, 4, 4), spec(1, 4, 4)];
  assertThrows(() => outputs([]), RangeError, "got none");
  assertThrows(() => outputs(four.slice(0, 3)), RangeError, "3 arrays of coefficients");
  assertThrows(() => outputs([...four.slice(0, 3), spec(1, 4, 5)]), RangeError, "array 3 of the coefficients");
  assertThrows(() => outputs(four, [8, 6]), RangeError, "makes 8 or one fewer along x");
  assertThrows(() => outputs(four, [8, 8, 8]), RangeError, "2 axes are transformed");
  assert(String(outputs(four, [7, 8])[0].shape) === "1,7,8");
});

Deno.test("options that no transform has are refused", () => {
  assertThrows(() => dwt.options.parse({ wavelet: "db9" as Wavelet }), RangeError, "wavelet");
  assertThrows(() => dwt.options.parse({ levels: 0 }), RangeError, "levels");
});
