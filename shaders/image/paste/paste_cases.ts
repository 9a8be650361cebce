import type { Case, HostTensor } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { PasteOptions } from "./paste.ts";

const random = (shape: number[], seed: number): HostTensor => randomTensor(shape, { seed, min: -1 });
const boxes = (...values: number[]): HostTensor => hostTensor(values, [values.length / 4, 4]);

/** Cases of `paste`. */
export const pasteCases: readonly Case<PasteOptions>[] = [
  {
    name: "pixel by pixel",
    inputs: () => [random([2, 20, 24], 21), random([1, 2, 10, 8], 22), boxes(3, 5, 11, 15)],
    options: {},
  },
  {
    name: "resized, overlapping, beyond the borders",
    inputs: () => [
      random([1, 37, 53], 23),
      random([3, 1, 14, 14], 24),
      boxes(-5, -4, 20, 22, 10.25, 9.5, 52.75, 40.125, 8, 8, 12, 12),
    ],
    options: {},
  },
  {
    name: "an empty box",
    inputs: () => [random([1, 9, 9], 25), random([2, 1, 3, 3], 26), boxes(0, 0, 0, 0, 4, 4, 2, 6)],
    options: {},
  },
  {
    name: "one pixel",
    inputs: () => [random([1, 1, 1], 27), random([1, 1, 1, 1], 28), boxes(0, 0, 1, 1)],
    options: {},
  },
  { name: "no boxes", inputs: () => [random([1, 5, 5], 29), random([0, 1, 3, 3], 30), boxes()], options: {} },
];
