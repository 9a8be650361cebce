import { filledTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { lengths } from "../fourier/fourier_cases.ts";
import type { InverseFourierOptions } from "./inverse_fourier.ts";

const spectrum = (seed: number, ...shape: number[]) => () => [randomTensor([2, ...shape], { seed, min: -1 })];

/** Cases of {@linkcode inverseFourier}. The spectra are random: what a real image hasn't got is there to be ignored. */
export const inverseFourierCases: readonly Case<InverseFourierOptions>[] = [
  ...lengths.flatMap((length) => [
    { name: `rows of ${length}`, inputs: spectrum(length, 1, 5, length), options: { dimensions: 1 as const } },
    { name: `complex columns of ${length}`, inputs: spectrum(length + 1, 1, length, 3), options: { complex: true } },
  ]),
  { name: "image", inputs: spectrum(70, 1, 37, 53), options: {} },
  { name: "channels", inputs: spectrum(71, 3, 20, 64), options: {} },
  { name: "volume", inputs: spectrum(72, 2, 9, 11, 13), options: {} },
  { name: "complex volume", inputs: spectrum(73, 2, 7, 6, 5), options: { complex: true } },
  { name: "slices", inputs: spectrum(74, 1, 6, 10, 30), options: { dimensions: 2 } },
  { name: "complex slices", inputs: spectrum(75, 1, 6, 10, 15), options: { complex: true, dimensions: 2 } },
  { name: "empty", inputs: () => [filledTensor([2, 1, 0, 7], 0)], options: {} },
];
