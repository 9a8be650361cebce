import type { Case, HostTensor } from "../../contract.ts";
import { filledTensor, tensorOf } from "../../cases.ts";
import type { BoxOfMaskOptions } from "./box_of_mask.ts";

/** A mask with everything set from column x0 to x1 and row y0 to y1, upper bounds exclusive. */
const region = (shape: number[], x0: number, y0: number, x1: number, y1: number): HostTensor => {
  const width = shape.at(-1) ?? 1;
  return tensorOf(shape, (index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    return x >= x0 && x < x1 && y >= y0 && y < y1 ? 1 : 0;
  });
};

/** Cases of `boxOfMask`. */
export const boxOfMaskCases: readonly Case<BoxOfMaskOptions>[] = [
  { name: "the region itself", inputs: () => [region([37, 53], 7, 4, 20, 31)], options: {} },
  {
    name: "a square with margin",
    inputs: () => [region([1, 128, 130], 7, 40, 44, 61)],
    options: { margin: 1.5, minSide: 24, square: true },
  },
  {
    name: "least side",
    inputs: () => [region([64, 64], 0, 60, 3, 64)],
    options: { margin: 1.5, minSide: 24, square: true },
  },
  {
    name: "margin without square",
    inputs: () => [region([64, 64], 10, 10, 20, 50)],
    options: { margin: 1.2, minSide: 16 },
  },
  {
    name: "a square in millimeters",
    inputs: () => [region([64, 64], 10, 10, 20, 50)],
    options: { margin: 1.5, minSide: 16, square: true, spacing: [0.7, 1.9] },
  },
  {
    name: "least side of flat pixels",
    inputs: () => [region([64, 64], 10, 10, 12, 13)],
    options: { margin: 1.5, minSide: 24, spacing: [3, 0.5] },
  },
  { name: "last column of a ragged row", inputs: () => [region([9, 13], 12, 8, 13, 9)], options: {} },
  { name: "first pixel", inputs: () => [region([9, 13], 0, 0, 1, 1)], options: {} },
  { name: "all set", inputs: () => [filledTensor([9, 13], 1)], options: { square: true } },
  {
    name: "nothing set",
    inputs: () => [filledTensor([9, 13], 0)],
    options: { margin: 1.5, minSide: 24, square: true },
  },
  { name: "one pixel", inputs: () => [filledTensor([1, 1], 1)], options: {} },
  { name: "no pixels", inputs: () => [filledTensor([0, 5], 1)], options: {} },
];
