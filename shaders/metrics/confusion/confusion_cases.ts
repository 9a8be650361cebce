import type { Case } from "../../contract.ts";
import { filledTensor, hostTensor, randomTensor } from "../../cases.ts";
import type { ConfusionOptions } from "./confusion.ts";

/** Cases of `confusion`. */
export const confusionCases: readonly Case<ConfusionOptions>[] = [
  {
    name: "one of each",
    inputs: () => [hostTensor([1, 1, 0, 0], [2, 2]), hostTensor([1, 0, 1, 0], [2, 2])],
    options: {},
  },
  {
    name: "ragged",
    inputs: () => [randomTensor([37, 53], { seed: 41 }), randomTensor([37, 53], { seed: 42 })],
    options: {},
  },
  {
    name: "a volume",
    inputs: () => [randomTensor([5, 60, 61], { seed: 43 }), randomTensor([5, 60, 61], { seed: 44, min: -2 })],
    options: {},
  },
  { name: "all positive", inputs: () => [filledTensor([9], 1), filledTensor([9], 1)], options: {} },
  { name: "one pixel", inputs: () => [filledTensor([1, 1], 0), filledTensor([1, 1], 1)], options: {} },
  { name: "no pixels", inputs: () => [filledTensor([0, 3], 1), filledTensor([0, 3], 1)], options: {} },
];
