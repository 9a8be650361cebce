import { hostTensor, randomNumbers, randomTensor, tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { images } from "../image_cases.ts";
import type { DeconvolveOptions } from "./deconvolve.ts";

/** A Gaussian point spread function of the sum 1. */
function bell(shape: readonly number[], sigma: number): HostTensor {
  const weights = tensorOf(shape, (index) => {
    let [rest, sum] = [index, 0];
    for (const count of shape.toReversed()) {
      sum += (rest % count - (count >> 1)) ** 2;
      rest = Math.floor(rest / count);
    }
    return Math.exp(-sum / (2 * sigma * sigma));
  });
  const total = weights.data.reduce((sum, weight) => sum + weight, 0);
  return hostTensor(weights.data.map((weight) => weight / total), shape);
}

/** Smooth waves with noise: images of which the likelihood tells the balance. */
function waves(shape: readonly number[], seed: number): HostTensor {
  const next = randomNumbers(seed);
  const width = shape[shape.length - 1];
  const parts = Array.from({ length: 6 }, () => [next(), next(), next()]);
  return tensorOf(shape, (index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    const wave = parts.reduce(
      (sum, [a, b, c], k) => sum + Math.cos((k + 1) * (a * x + b * y) / 9 + 6 * c) / (k + 1),
      0,
    );
    return 0.4 + 0.15 * wave + 0.02 * (next() + next() - 1);
  });
}

/** Cases of {@linkcode deconvolve}. */
export const deconvolveCases: readonly Case<DeconvolveOptions>[] = [
  ...Object.entries(images).filter(([name]) => !/olume|slice/.test(name)).map(([name, inputs]) => ({
    name,
    inputs: () => [inputs(), bell([5, 5], 1)],
    options: { balance: 0.01, clip: false },
  })),
  ...["volume", "volumes", "slice", "emptyVolume"].map((name) => ({
    name,
    inputs: () => [images[name](), bell([3, 5, 4], 1)],
    options: { balance: 0.05, clip: false },
  })),
  { name: "slicewise", inputs: () => [images.volumes(), bell([4, 5], 1)], options: { balance: 0.1, slicewise: true } },
  {
    name: "clipped",
    inputs: () => [randomTensor([2, 9, 14], { seed: 31, min: -2, max: 2 }), bell([3, 3], 1)],
    options: { balance: 0.01 },
  },
  { name: "larger than the image", inputs: () => [images.small(), bell([9, 17], 2)], options: { balance: 0.05 } },
  {
    name: "larger than the volume",
    inputs: () => [images.volume(), bell([21, 5, 30], 2)],
    options: { balance: 0.1 },
  },
  { name: "a channel axis", inputs: () => [images.ragged(), bell([1, 4, 6], 1.2)], options: { balance: 0.01 } },
  {
    name: "not symmetric",
    inputs: () => [images.ragged(), hostTensor([0.5, 0.25, 0, 0, 0.125, 0.125], [2, 3])],
    options: { balance: 0.1 },
  },
  // Lines that subgroups make at once.
  { name: "long columns", inputs: () => [waves([2, 256, 6], 5), bell([5, 3], 1)], options: { balance: 0.05 } },
  { name: "long rows", inputs: () => [waves([1, 6, 256], 6), bell([3, 5], 1)], options: { balance: 0.05 } },
  { name: "no blur, no prior", inputs: () => [images.ragged(), hostTensor([2], [1, 1])], options: { balance: 0 } },
  { name: "nothing gets through", inputs: () => [images.ragged(), hostTensor([0], [1, 1])], options: { balance: 0 } },
  { name: "a strong prior", inputs: () => [images.ragged(), bell([5, 5], 1)], options: { balance: 1e4 } },
  { name: "auto", inputs: () => [waves([2, 37, 53], 1), bell([5, 5], 1.2)], options: { balance: "auto" as const } },
  {
    name: "auto, even sizes",
    inputs: () => [waves([1, 40, 64], 2), bell([4, 4], 1)],
    options: { balance: "auto" as const, clip: false },
  },
  { name: "auto, volume", inputs: () => [waves([1, 8, 15, 16], 3), bell([3, 3, 3], 1)], options: { clip: false } },
  {
    name: "auto, slicewise",
    inputs: () => [waves([1, 3, 24, 31], 4), bell([3, 3], 1)],
    options: { slicewise: true },
  },
  { name: "auto, one pixel", inputs: () => [images.pixel(), bell([3, 3], 1)], options: {} },
  { name: "auto, one value", inputs: () => [tensorOf([1, 12, 20], () => 0.5), bell([3, 3], 1)], options: {} },
  { name: "auto, no pixels", inputs: () => [randomTensor([1, 0, 7]), bell([3, 3], 1)], options: {} },
];
