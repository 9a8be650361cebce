import type { Case } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { StandardizeOptions } from "./standardize.ts";

const statistics = (mean: number, deviation: number) => hostTensor([9, mean, deviation, 0, 1], [5]);

/** Cases of `standardize`. */
export const standardizeCases: readonly Case<StandardizeOptions>[] = [
  {
    name: "an image",
    inputs: () => [randomTensor([1, 17, 23], { seed: 16, max: 200 }), statistics(90, 40)],
    options: {},
  },
  {
    name: "the way back",
    inputs: () => [randomTensor([1, 17, 23], { seed: 19, min: -2, max: 3 }), statistics(90, 40)],
    options: { inverse: true },
  },
  {
    name: "the way back without deviation",
    inputs: () => [randomTensor([1, 3, 3], { seed: 20 }), statistics(0.5, 0)],
    options: { inverse: true },
  },
  { name: "no deviation", inputs: () => [randomTensor([1, 3, 3], { seed: 17 }), statistics(0.5, 0)], options: {} },
  { name: "crops", inputs: () => [randomTensor([3, 1, 6, 5], { seed: 18 }), statistics(0.5, 0.25)], options: {} },
  {
    name: "slices by their own",
    inputs: () => [
      randomTensor([3, 2, 6, 5], { seed: 24 }),
      hostTensor([9, 0.5, 0.25, 0, 1, 9, 0.1, 0, 0, 1, 9, -2, 3, 0, 1], [3, 5]),
    ],
    options: {},
  },
  { name: "no crops", inputs: () => [hostTensor([], [0, 1, 8, 8]), statistics(0.5, 0.25)], options: {} },
];
