import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { WeightedGatherOptions } from "./weighted_gather.ts";

const of = (
  name: string,
  shape: readonly number[],
  results: number,
  taps: number,
  axis: number,
  beyond = 0,
): Case<WeightedGatherOptions> => ({
  name,
  inputs: () => {
    const size = shape.at(axis)!;
    return [
      randomTensor(shape, { seed: 1, min: -1, max: 1 }),
      randomTensor([results, taps], { seed: 2, dtype: "i64", min: -beyond, max: size - 1 + beyond }),
      randomTensor([results, taps], { seed: 3, min: -1, max: 1 }),
    ];
  },
  options: { axis },
});

/** Inputs and options worth trying. */
export const weightedGatherCases: Case<WeightedGatherOptions>[] = [
  of("rows", [5, 3], 7, 4, 0),
  of("columns, indices outside", [2, 3, 9], 5, 6, -1, 3),
  of("middle axis", [2, 6, 4, 3], 9, 2, 1),
  of("one tap", [4], 70, 1, 0),
  of("no taps", [4, 2], 3, 0, 0),
  of("no results", [4, 2], 0, 2, 1),
];
