import { randomTensor, tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { hardImages, images } from "../image_cases.ts";
import type { WaveletOptions } from "./wavelet.ts";

/** A smooth image with noise, as thresholds are made for. */
function noisy(shape: readonly number[], seed: number): HostTensor {
  const noise = randomTensor(shape, { seed, min: -0.2, max: 0.2 });
  const width = shape.at(-1)!;
  return tensorOf(
    shape,
    (i) => 0.5 + 0.3 * Math.sin(i % width / 5) + (i % width > width / 2 ? 0.4 : 0) + noise.data[i],
  );
}

const methods = ["VisuShrink", "BayesShrink", "SureShrink"] as const;

/** Cases of {@linkcode wavelet}. */
export const waveletCases: readonly Case<WaveletOptions>[] = [
  ...Object.entries({ ...images, constant: hardImages.constant, impulse: hardImages.impulse }).flatMap((
    [name, inputs],
  ) => [
    { name, inputs: () => [inputs()], options: {} },
    { name: `${name}, sigma given`, inputs: () => [inputs()], options: { sigma: 0.1 } },
  ]),
  ...methods.flatMap((method) => [
    ...(["symmetric", "periodization"] as const).map((border) => ({
      name: `${method}, ${border}`,
      inputs: () => [noisy([2, 45, 58], 80)],
      options: { method, border, levels: 3, sigma: 0.11 },
    })),
    {
      name: `${method}, hard`,
      inputs: () => [noisy([1, 45, 58], 81)],
      options: { method, threshold: "hard" as const, levels: 2, sigma: 0.11 },
    },
    {
      name: `${method}, a volume`,
      inputs: () => [noisy([1, 12, 18, 21], 82)],
      options: { method, levels: 2, sigma: 0.11 },
    },
    {
      name: `${method}, slice by slice`,
      inputs: () => [noisy([2, 3, 18, 21], 83)],
      options: { method, slicewise: true, sigma: 0.11 },
    },
    { name: `${method}, no noise`, inputs: () => [noisy([1, 20, 21], 84)], options: { method, sigma: 0 } },
    { name: `${method}, strength 0`, inputs: () => [noisy([1, 20, 21], 84)], options: { method, strength: 0 } },
    { name: `${method}, estimated`, inputs: () => [noisy([2, 40, 41], 85)], options: { method, strength: 0.8 } },
  ]),
  {
    name: "one noise level per channel",
    inputs: () => [noisy([2, 30, 31], 86), tensorOf([2], (channel) => 0.05 + 0.1 * channel)],
    options: {},
  },
  {
    name: "one noise level per channel, slice by slice",
    inputs: () => [noisy([2, 3, 18, 21], 87), tensorOf([2], (channel) => 0.05 + 0.1 * channel)],
    options: { slicewise: true },
  },
  {
    name: "slice by slice, estimated",
    inputs: () => [noisy([2, 3, 18, 21], 88)],
    options: { slicewise: true },
  },
  { name: "shifts", inputs: () => [noisy([2, 30, 31], 89)], options: { cycleSpin: 2, sigma: 0.11 } },
  { name: "shifts, estimated", inputs: () => [noisy([1, 30, 31], 90)], options: { cycleSpin: 1 } },
  { name: "shifts of a volume", inputs: () => [noisy([1, 6, 9, 13], 91)], options: { cycleSpin: 1, sigma: 0.11 } },
  { name: "shifts beyond the image", inputs: () => [images.small()], options: { cycleSpin: 4, sigma: 0.1 } },
  {
    name: "SureShrink in several blocks",
    inputs: () => [noisy([1, 200, 202], 92)],
    options: { method: "SureShrink", sigma: 0.11 },
  },
  {
    name: "SureShrink with ties",
    inputs: () => [hardImages.ties()],
    options: { method: "SureShrink", wavelet: "db1", sigma: 0.7 },
  },
];
