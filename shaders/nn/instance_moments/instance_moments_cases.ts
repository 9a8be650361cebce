import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { InstanceMomentsOptions } from "./instance_moments.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<InstanceMomentsOptions> = {},
  mean = 0,
): Case<InstanceMomentsOptions> => ({
  name,
  inputs: () => [
    randomTensor(shape, { seed: 1, min: mean - 1, max: mean + 1 }),
    ...[2, 3].map((seed) => randomTensor([shape[1]], { seed, min: -1, max: 1 })),
  ],
  options,
});

/** Inputs and options worth trying. */
export const instanceMomentsCases: Case<InstanceMomentsOptions>[] = [
  of("map, ragged", [2, 5, 7, 9]),
  of("volume, several chunks", [1, 6, 5, 14, 9]),
  of("one axis", [2, 3, 300], { epsilon: 0.1 }),
  of("a large mean", [1, 3, 20, 21], {}, 100),
  {
    name: "rows that begin far from their mean",
    inputs: () => {
      const x = randomTensor([1, 4, 3, 3000], { seed: 4, min: -0.01, max: 0.01 });
      for (let row = 0; row < 12; row++) x.data[3000 * row] = 1;
      return [x, ...[2, 3].map((seed) => randomTensor([4], { seed, min: -1, max: 1 }))];
    },
    options: {},
  },
  of("more rows than chunks", [1, 1, 2100, 3]),
  of("one pixel", [1, 4, 1, 1]),
  of("groups of channels", [2, 12, 5, 7], { groups: 3 }),
  of("groups of channels of a volume, several chunks", [2, 6, 3, 17, 11], { groups: 2 }),
  of("more channels of a group than chunks may be", [1, 70, 40, 30], { groups: 1 }),
  of("groups of one pixel", [3, 4, 1, 1], { groups: 2 }),
];
