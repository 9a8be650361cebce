/** What filters refuse: each message names the option, its value and what is allowed. */
import { assertThrows } from "@std/assert";
import { RecordedValue, Recording } from "../../../engine/kernel/mod.ts";
import { filters, type Operation } from "../../../shaders/mod.ts";
import { facts } from "../facts.ts";

const image = [1, 20, 20];
const volume = [1, 30, 30, 30];

/** An operation, the shapes of its inputs, options that it refuses, and what its message says. */
// deno-lint-ignore no-explicit-any -- operations differ in their options
type Refusal = readonly [Operation<any>, readonly (readonly number[])[], Record<string, unknown>, string];

const refusals: readonly Refusal[] = [
  [filters.mean, [image], { radius: -1 }, "radius is -1: Too small: expected number to be >=0"],
  [filters.mean, [image], { radius: [1, 2, 3] }, "radius has 3 numbers, but 2 axes are filtered"],
  [filters.mean, [[20, 20]], {}, "mean takes an image [C, H, W] or a volume [C, D, H, W], not [20, 20]"],
  [filters.gaussian, [image], {}, "give either sigmaPx or sigmaMm"],
  [filters.gaussian, [image], { sigmaMm: 1 }, "sigmaMm needs spacing"],
  [filters.gaussian, [image], { sigmaMm: 1, spacing: [1, 1, 1] }, "spacing has 3 numbers, but the image has 2 axes"],
  [filters.gaussian, [image], { sigmaPx: 1, border: "zero" }, 'border is "zero": Invalid option: expected one of'],
  [filters.median, [image], { radius: 6 }, "radius is 6: Too big: expected number to be <=5"],
  [filters.median, [volume], { radius: 3 }, "radius is 3, but at most 2 in 3-D"],
  [filters.bilateral, [image], { radius: 51 }, "radius is 51: Too big"],
  [filters.bilateral, [volume], { radius: 11 }, "radius is 11, but at most 10 in 3-D"],
  [filters.bilateral, [image], { sigmaColor: 1, strength: 2 }, "give either sigmaColor"],
  [filters.nlm, [image], { h: 1, strength: 1 }, "h"],
  [filters.nlm, [image], { patchRadius: 16 }, "patchRadius is 16: Too big"],
  [filters.nlm, [image], { sigma: "guess" }, 'sigma is "guess": expected a number >=0 or "auto"'],
  [filters.nlm, [[2, 9, 9], [1]], {}, "nlm takes sigma as f32 [2], one per channel, not f32 [1]"],
  [
    filters.anisotropic,
    [image],
    { kappa: 1, dt: 0.3 },
    "dt is 0.3, but peronaMalik with spacing [1, 1] is stable up to 0.25",
  ],
  [filters.anisotropic, [image], { kappa: 1, strength: 1 }, "give either kappa or strength"],
  [filters.gabor, [image], {}, "frequency is not given: expected a number >=0"],
  [filters.gaborBank, [image], { border: "nearest" }, 'border is "nearest": Invalid option'],
  [filters.wavelet, [image], { wavelet: "haar" }, 'wavelet is "haar": Invalid option: expected one of "db1"'],
  [filters.wavelet, [image], { cycleSpin: 9 }, "cycleSpin is 9: Too big"],
  [filters.wiener, [image], { noisePower: 1, sigma: 1 }, "give at most one of noisePower and sigma"],
  [filters.wiener, [image], { noisePower: -1 }, "noisePower is -1: Too small"],
  [filters.deconvolve, [image, [3, 3, 3]], {}, "point spread function as f32 [h, w]"],
  [filters.deconvolve, [image, [3, 3]], { balance: -1 }, "balance is -1"],
  [filters.richardsonLucy, [image, [3, 3]], { iterations: 0 }, "iterations is 0: Too small"],
  [filters.estimateSigma, [image], { noise: "poisson" }, 'noise is "poisson": Invalid option'],
  [filters.maskPixels, [image], { stride: 2, offset: 4 }, "offset 4, but 2 axes with stride 2 have 4 grids"],
];

for (const [operation, shapes, options, message] of refusals) {
  Deno.test(`${operation.name} refuses ${JSON.stringify(options)} of [${shapes.join("], [")}]`, () => {
    const inputs = shapes.map((shape) => new RecordedValue({ dtype: "f32", shape }));
    assertThrows(() => new Recording(facts).apply(operation, inputs, options), RangeError, message);
  });
}

Deno.test("filters take f32 only", () => {
  const integers = new RecordedValue({ dtype: "i32", shape: image });
  assertThrows(() => new Recording(facts).apply(filters.mean, [integers], {}), TypeError, "takes f32, not i32");
});
