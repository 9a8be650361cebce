import type { Case } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { FillOptions } from "./fill.ts";

const cases: readonly [string, number[], number][] = [
  ["an image", [1, 13, 18], -1024.7],
  ["a volume", [1, 5, 6, 7], 3],
  ["one pixel", [1, 1], 0.5],
];

/** Cases of `fill`. */
export const fillCases: readonly Case<FillOptions>[] = [
  ...cases.map(([name, shape, value]) => ({
    name,
    inputs: () => [randomTensor(shape, { seed: 81, min: -50, max: 50 }), randomTensor(shape, { seed: 82 })],
    options: { value },
  })),
  { name: "a mask at its bound", inputs: () => [hostTensor([7, 8], [2]), hostTensor([0.5, 1], [2])], options: {} },
  { name: "no pixels", inputs: () => [hostTensor([], [1, 0, 3]), hostTensor([], [1, 0, 3])], options: {} },
];
