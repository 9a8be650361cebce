import { randomTensor, tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { images } from "../../filters/image_cases.ts";
import type { MeanSquaredErrorOptions } from "./mean_squared_error.ts";
import type { NormalizedRootMseOptions } from "./normalized_root_mse.ts";
import type { PeakSignalNoiseRatioOptions } from "./peak_signal_noise_ratio.ts";

/** An image and the same one with uniform noise. */
function noisy(image: HostTensor, noise = 0.1): HostTensor[] {
  const other = randomTensor(image.shape, { seed: 99, min: -noise, max: noise });
  return [image, tensorOf(image.shape, (index) => image.data[index] + other.data[index])];
}

const pairs: Readonly<Record<string, () => HostTensor[]>> = {
  ...Object.fromEntries(Object.entries(images).map(([name, image]) => [name, () => noisy(image())])),
  "many rows": () => noisy(randomTensor([1, 70, 301], { seed: 31, min: 1, max: 2 })),
  "many layers": () => noisy(randomTensor([2, 33, 18, 5], { seed: 32, max: 4 })),
  "small differences on large values": () => noisy(randomTensor([1, 40, 50], { seed: 33, min: 1000, max: 1001 }), 0.01),
  "two axes": () => noisy(randomTensor([37, 18], { seed: 34 })),
  "one axis": () => noisy(randomTensor([37], { seed: 35 })),
};

const equal = (): HostTensor[] => [images.ragged(), images.ragged()];

/** Cases of {@linkcode meanSquaredError}. */
export const meanSquaredErrorCases: readonly Case<MeanSquaredErrorOptions>[] = [
  ...Object.entries(pairs).map(([name, inputs]) => ({ name, inputs, options: {} })),
  { name: "equal images", inputs: equal, options: {} },
];

/** Cases of {@linkcode normalizedRootMse}. */
export const normalizedRootMseCases: readonly Case<NormalizedRootMseOptions>[] = [
  ...(["euclidean", "minmax", "mean"] as const).flatMap((normalization) =>
    Object.entries(pairs)
      // The range of one pixel is 0, which nothing can be divided by.
      .filter(([name]) => name !== "pixel")
      .map(([name, inputs]) => ({ name: `${name}, ${normalization}`, inputs, options: { normalization } }))
  ),
  { name: "pixel", inputs: pairs.pixel, options: {} },
  { name: "equal images", inputs: equal, options: { normalization: "mean" } },
];

/** Cases of {@linkcode peakSignalNoiseRatio}. */
export const peakSignalNoiseRatioCases: readonly Case<PeakSignalNoiseRatioOptions>[] = [
  ...Object.entries(pairs).map(([name, inputs]) => ({ name, inputs, options: {} })),
  { name: "a range of 255", inputs: pairs["small differences on large values"], options: { dataRange: 255 } },
  { name: "equal images", inputs: equal, options: {} },
];
