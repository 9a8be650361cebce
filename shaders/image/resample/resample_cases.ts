import type { Case } from "../../contract.ts";
import { randomTensor } from "../../cases.ts";
import type { ResampleOptions } from "./resample.ts";

const methods = ["linear", "nearest", "area", "spline"] as const;
const sizes: readonly [string, number[], number[]][] = [
  ["halved", [1, 64, 64], [32, 32]],
  ["doubled", [1, 16, 18], [32, 36]],
  ["ragged", [2, 37, 53], [29, 71]],
  ["to one pixel", [1, 9, 13], [1, 1]],
  ["from one pixel", [1, 1, 1], [5, 3]],
  ["same size", [1, 7, 6], [7, 6]],
  ["one axis only", [3, 5, 8], [5, 3]],
  ["last axis alone", [11], [4]],
  ["a volume", [1, 9, 14, 11], [5, 21, 8]],
  ["a long line", [1, 1, 20000], [1, 3]],
  ["no images", [0, 8, 8], [4, 4]],
];

/** Cases of `resample`. */
export const resampleCases: readonly Case<ResampleOptions>[] = sizes.flatMap(([name, shape, size]) =>
  methods.map((method) => ({
    name: `${name}, ${method}`,
    inputs: () => [randomTensor(shape, { seed: 3, min: -100, max: 1000 })],
    options: { size, method },
  }))
);
