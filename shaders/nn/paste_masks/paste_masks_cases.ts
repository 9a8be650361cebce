import { hostTensor, randomNumbers, randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import type { PasteMasksOptions } from "./paste_masks.ts";

const boxes = (values: readonly number[]): HostTensor => hostTensor(values, [values.length / 4, 4], "i64");

const masks = (count: number, rows: number, columns: number): HostTensor =>
  randomTensor([count, rows, columns], { seed: 7, min: 0 });

function randomBoxes(count: number, height: number, width: number): HostTensor {
  const next = randomNumbers(11);
  return boxes(
    Array.from({ length: count }, () => {
      const [x, y] = [Math.floor(next() * width) - 2, Math.floor(next() * height) - 2];
      return [x, y, x + Math.floor(next() * width), y + Math.floor(next() * height)];
    }).flat(),
  );
}

/** Inputs and options worth trying. */
export const pasteMasksCases: Case<PasteMasksOptions>[] = [
  {
    name: "boxes here and there, some beyond the border",
    inputs: () => [masks(9, 6, 6), randomBoxes(9, 21, 17)],
    options: { height: 21, width: 17 },
  },
  {
    name: "smaller, equal and larger than the mask, which is no square",
    inputs: () => [masks(3, 5, 7), boxes([2, 3, 4, 4, 1, 1, 7, 5, 0, 0, 12, 9])],
    options: { height: 10, width: 13 },
  },
  {
    name: "all around the image",
    inputs: () => [masks(1, 4, 4), boxes([-3, -5, 12, 14])],
    options: { height: 8, width: 9 },
  },
  {
    name: "of one pixel, turned around, left of, above, right of and below the image",
    inputs: () => [
      masks(6, 4, 4),
      boxes([3, 3, 3, 3, 5, 5, 2, 1, -6, 1, -2, 3, 1, -6, 3, -2, 7, 1, 12, 4, 1, 7, 4, 12]),
    ],
    options: { height: 6, width: 6 },
  },
  {
    name: "a mask of one pixel",
    inputs: () => [masks(1, 1, 1), boxes([1, 1, 3, 2])],
    options: { height: 4, width: 5 },
  },
  { name: "no mask", inputs: () => [masks(0, 4, 4), boxes([])], options: { height: 4, width: 5 } },
];
