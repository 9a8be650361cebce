/** What filters with kernels refuse, and kernels in 3-D, which no library stands for. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { filters, type Operation, type Spec } from "../../../shaders/mod.ts";

const image: Spec = { dtype: "f32", shape: [2, 20, 30] };
const volume: Spec = { dtype: "f32", shape: [1, 8, 20, 30] };
const kernel = (...shape: number[]): Spec => ({ dtype: "f32", shape });

/** The outputs that a declaration names, or what it throws. */
function outputs<O>(operation: Operation<O>, inputs: readonly Spec[], options: Partial<O> = {}) {
  return operation.outputs(inputs, operation.options.parse(options)).map(({ shape }) => shape);
}

Deno.test("convolve checks its kernel", () => {
  const { convolve } = filters;
  assertEquals(outputs(convolve, [image, kernel(3, 5)]), [[2, 20, 30]]);
  assertEquals(outputs(convolve, [image, kernel(4, 3, 5)]), [[8, 20, 30]]);
  assertEquals(outputs(convolve, [image, kernel(0, 3, 5)]), [[0, 20, 30]]);
  assertEquals(outputs(convolve, [volume, kernel(4, 3, 5)]), [[1, 8, 20, 30]]);
  assertEquals(outputs(convolve, [volume, kernel(4, 3, 5)], { slicewise: true }), [[4, 8, 20, 30]]);
  assertThrows(() => outputs(convolve, [image, kernel(5)]), RangeError, "[h, w]");
  assertThrows(() => outputs(convolve, [volume, kernel(3, 3)]), RangeError, "[d, h, w]");
  assertThrows(() => outputs(convolve, [image, kernel(3, 0)]), RangeError, "at least one");
  assertThrows(() => outputs(convolve, [image, kernel(1500, 1500)]), RangeError, "chunks");
  assertThrows(() => outputs(convolve, [image, { dtype: "u8", shape: [3, 3] }]), TypeError, "f32");
});

Deno.test("gabor checks its directions and envelope", () => {
  const { gabor } = filters;
  assertEquals(outputs(gabor, [image], { frequency: [0.1, 0.2], theta: [0, 1, 2] }), [[12, 20, 30]]);
  assertEquals(outputs(gabor, [volume], { frequency: 0.2, direction: [[1, 0, 0], [0, 1, 1]] }), [[2, 8, 20, 30]]);
  assertThrows(() => outputs(gabor, [volume], { frequency: 0.2, theta: 1 }), RangeError, "direction");
  assertThrows(() => outputs(gabor, [image], { frequency: 0.2, direction: [0, 0, 1] }), RangeError, "theta");
  assertThrows(() => outputs(gabor, [volume], { frequency: 0.2, direction: [0, 0, 0] }), RangeError, "above 0");
  assertThrows(() => outputs(gabor, [image], { frequency: 0 }), RangeError, "sigmaPx");
  assertThrows(() => outputs(gabor, [image], { frequency: 1e-5 }), RangeError, "4096");
  assertThrows(() => outputs(gabor, [image], { frequency: -1 }), RangeError, "frequency");
  assertThrows(() => outputs(gabor, [image], {}), RangeError, "frequency");
  assertThrows(
    () => outputs(gabor, [volume], { frequency: 0.2, direction: [1, 1, 1], sigmaPx: [90, 100] }),
    RangeError,
    "chunks",
  );
});

Deno.test("wiener takes the noise once", () => {
  const { wiener } = filters;
  const sigma: Spec = { dtype: "f32", shape: [2] };
  assertEquals(outputs(wiener, [image, sigma]), [[2, 20, 30]]);
  assertThrows(() => outputs(wiener, [image, sigma], { sigma: 1 }), RangeError, "one of them");
  assertThrows(() => outputs(wiener, [image], { sigma: 1, noisePower: 1 }), RangeError, "at most one");
  assertThrows(() => outputs(wiener, [image, kernel(3)]), RangeError, "one per channel");
  assertThrows(() => outputs(wiener, [image], { radius: 501 }), RangeError, "radius");
  assertThrows(() => outputs(wiener, [image], { radius: [1, 1, 1] }), RangeError, "2 axes");
  assertThrows(() => outputs(wiener, [image], { noisePower: -1 }), RangeError, "noisePower");
});

Deno.test("richardsonLucy takes one point spread function", () => {
  const { richardsonLucy } = filters;
  assertEquals(outputs(richardsonLucy, [image, kernel(3, 5)]), [[2, 20, 30]]);
  assertThrows(() => outputs(richardsonLucy, [image, kernel(2, 3, 5)]), RangeError, "2 axes");
  assertThrows(() => outputs(richardsonLucy, [volume, kernel(3, 5)]), RangeError, "[d, h, w]");
  assertThrows(() => outputs(richardsonLucy, [image, kernel(3, 5)], { iterations: 0 }), RangeError, "iterations");
});

Deno.test("a Gabor kernel in 3-D is its 2-D kernel with an envelope across the plane", () => {
  const shared = { frequency: 0.2, sigmaPx: [2, 1.5], offset: 0.4 };
  const flat = filters.gaborKernel({ ...shared, theta: Math.PI / 6 });
  const solid = filters.gaborKernel({ ...shared, direction: [0, Math.sin(Math.PI / 6), Math.cos(Math.PI / 6)] });
  const [depth, height, width] = solid.shape;
  assertEquals([height, width], flat.shape);
  assertEquals(depth, 2 * Math.ceil(3 * 1.5) + 1);
  for (let index = 0; index < solid.real.length; index++) {
    const z = Math.floor(index / (height * width)) - (depth - 1) / 2;
    const across = Math.exp(-(z ** 2) / (2 * 1.5 ** 2)) / (Math.sqrt(2 * Math.PI) * 1.5);
    const at = index % (height * width);
    assert(Math.abs(solid.real[index] - flat.real[at] * across) < 1e-15);
    assert(Math.abs(solid.imaginary[index] - flat.imaginary[at] * across) < 1e-15);
  }
});
