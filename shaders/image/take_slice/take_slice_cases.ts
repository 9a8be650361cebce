import type { Case } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { TakeSliceOptions } from "./take_slice.ts";

const cases: readonly [string, number[], number][] = [
  ["one of several", [1, 7, 9, 13], 4],
  ["the first", [1, 3, 4, 4], 0],
  ["of two channels", [2, 5, 6, 3], 3],
  ["beyond the last", [1, 4, 5, 6], 9],
  ["before the first", [1, 4, 5, 6], -3],
  ["the only one", [1, 1, 1, 1], 0],
  ["of no pixels", [1, 2, 0, 3], 1],
];

/** Cases of `takeSlice`. */
export const takeSliceCases: readonly Case<TakeSliceOptions>[] = cases.map(([name, shape, at]) => ({
  name,
  inputs: () => [randomTensor(shape, { seed: 63, min: -9, max: 9 }), hostTensor([at], [1])],
  options: {},
}));
