import type { Case } from "../../contract.ts";
import { filledTensor, hostTensor, randomTensor } from "../../cases.ts";
import type { StatisticsOptions } from "./statistics.ts";

/** Cases of `statistics`. */
export const statisticsCases: readonly Case<StatisticsOptions>[] = [
  { name: "all pixels", inputs: () => [randomTensor([1, 37, 53], { seed: 10, max: 100 })], options: {} },
  {
    name: "foreground",
    inputs: () => [randomTensor([1, 64, 61], { seed: 11, max: 255 })],
    options: { foreground: 0.5 },
  },
  { name: "many pixels", inputs: () => [randomTensor([1, 300, 302], { seed: 12 })], options: { foreground: 0.02 } },
  {
    name: "a small deviation on a large mean",
    inputs: () => [randomTensor([1, 90, 91], { seed: 13, min: 1000, max: 1001 })],
    options: {},
  },
  {
    name: "values below 0",
    inputs: () => [randomTensor([2, 9, 9], { seed: 14, min: -3, max: -1 })],
    options: { foreground: 0 },
  },
  { name: "zeros", inputs: () => [filledTensor([1, 5, 5], 0)], options: { foreground: 0.02 } },
  { name: "a volume", inputs: () => [randomTensor([1, 5, 6, 7], { seed: 15 })], options: { foreground: 0.1 } },
  { name: "one pixel", inputs: () => [hostTensor([3], [1, 1, 1])], options: {} },
  {
    name: "each slice",
    inputs: () => [randomTensor([5, 37, 53], { seed: 21, max: 100 })],
    options: { foreground: 0.3, each: true },
  },
  {
    name: "each of several channels",
    inputs: () => [randomTensor([3, 2, 6, 7], { seed: 22, min: 1, max: 3 })],
    options: { each: true },
  },
  { name: "each of one", inputs: () => [randomTensor([1, 4, 5], { seed: 23 })], options: { each: true } },
  { name: "each of no slices", inputs: () => [hostTensor([], [0, 4, 5])], options: { each: true } },
  { name: "each of slices without pixels", inputs: () => [hostTensor([], [2, 0, 5])], options: { each: true } },
  { name: "no pixels", inputs: () => [hostTensor([], [1, 0, 3])], options: { foreground: 0.02 } },
];
