import type { Case } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { WindowOptions } from "./window.ts";

/** Cases of `window`. */
export const windowCases: readonly Case<WindowOptions>[] = [
  {
    name: "a brain window",
    inputs: () => [randomTensor([1, 37, 53], { seed: 5, min: -200, max: 300 })],
    options: { center: 40, width: 80 },
  },
  {
    name: "ends of the window",
    inputs: () => [hostTensor([-1, 0, 1, 127, 128, 254, 255, 256], [1, 1, 8])],
    options: { center: 128, width: 256 },
  },
  {
    name: "a step",
    inputs: () => [hostTensor([1, 1.4, 1.5, 1.6, 2], [5])],
    options: { center: 2, width: 1 },
  },
  {
    name: "a fractional width",
    inputs: () => [randomTensor([1, 6, 6], { seed: 6 })],
    options: { center: 1, width: 1.5 },
  },
  {
    name: "a volume",
    inputs: () => [randomTensor([1, 3, 9, 10], { seed: 7, min: 0, max: 4000 })],
    options: { center: 900, width: 1500 },
  },
  { name: "one pixel", inputs: () => [hostTensor([7], [1, 1, 1])], options: { center: 7, width: 4 } },
  { name: "no pixels", inputs: () => [hostTensor([], [1, 0, 4])], options: { center: 7, width: 4 } },
];
