import { filledTensor, hostTensor, randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { fourier } from "../fourier/fourier.ts";
import { fewLengths, lengths } from "../fourier/fourier_cases.ts";
import type { InverseFourierOptions } from "./inverse_fourier.ts";

const numbers = (seed: number, ...shape: number[]) => () => [randomTensor([2, ...shape], { seed, min: -1 })];

/** The spectrum of a random real image, of about unit values. */
const spectrum = (seed: number, dimensions: 1 | 2 | 3, ...shape: number[]) => (): HostTensor[] => {
  const [{ data, shape: spectrumShape }] = fourier.twin([randomTensor(shape, { seed, min: -1 })], {
    dimensions,
    complex: false,
    half: false,
  });
  return [hostTensor(data.map((value) => value / Math.sqrt(sizeOf(shape))), spectrumShape)];
};

/** Cases of {@linkcode inverseFourier}. */
export const inverseFourierCases: readonly Case<InverseFourierOptions>[] = [
  ...lengths.map((length) => ({
    name: `complex columns of ${length}`,
    inputs: numbers(length + 1, 1, length, 3),
    options: { complex: true },
  })),
  ...fewLengths.flatMap((length) => [
    { name: `rows of ${length}`, inputs: spectrum(length, 1, 1, 5, length), options: { dimensions: 1 as const } },
    { name: `columns of ${length}`, inputs: spectrum(length, 2, 1, length, 5), options: {} },
  ]),
  { name: "image", inputs: spectrum(70, 2, 1, 37, 53), options: {} },
  { name: "channels", inputs: spectrum(71, 2, 3, 20, 64), options: {} },
  { name: "volume", inputs: spectrum(72, 3, 2, 9, 11, 13), options: {} },
  { name: "complex volume", inputs: numbers(73, 2, 7, 6, 5), options: { complex: true } },
  { name: "slices", inputs: spectrum(74, 2, 1, 6, 10, 30), options: { dimensions: 2 } },
  { name: "complex slices", inputs: numbers(75, 1, 6, 10, 15), options: { complex: true, dimensions: 2 } },
  { name: "complex rows", inputs: numbers(76, 2, 5, 9), options: { complex: true, dimensions: 1 } },
  // Lines that subgroups make at once.
  ...[[5, 256], [2, 512], [3, 1024]].map(([height, width]) => ({
    name: `image of ${height} x ${width}`,
    inputs: spectrum(77 + height, 2, 2, height, width),
    options: {},
  })),
  { name: "deep volume", inputs: spectrum(84, 3, 2, 256, 3, 5), options: {} },
  { name: "empty", inputs: () => [filledTensor([2, 1, 0, 7], 0)], options: {} },
];
