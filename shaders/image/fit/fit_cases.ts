import type { Case, DType } from "../../contract.ts";
import { randomTensor } from "../../cases.ts";
import type { FitOptions } from "./fit.ts";

const sizes: readonly [string, number[], number[], DType?][] = [
  ["padded", [1, 5, 6], [9, 10]],
  ["padded by odd numbers", [2, 5, 6], [8, 13]],
  ["cropped by odd numbers", [2, 8, 13], [5, 6]],
  ["padded and cropped", [1, 31, 70], [64, 64]],
  ["same", [1, 4, 4], [4, 4]],
  ["one pixel", [1, 1, 1], [3, 2]],
  ["to one pixel", [1, 4, 5], [1, 1]],
  ["a volume", [1, 4, 9, 7], [7, 5, 8]],
  ["integers", [6, 7], [9, 4], "i32"],
  ["no rows", [1, 0, 5], [2, 2]],
];

/** Cases of `fit`. */
export const fitCases: readonly Case<FitOptions>[] = sizes.map(([name, shape, size, dtype]) => ({
  name,
  inputs: () => [randomTensor(shape, { seed: 4, min: -50, max: 50, dtype })],
  options: { size },
}));
