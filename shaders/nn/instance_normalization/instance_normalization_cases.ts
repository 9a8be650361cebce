import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { InstanceNormalizationOptions } from "./instance_normalization.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<InstanceNormalizationOptions> = {},
  mean = 0,
): Case<InstanceNormalizationOptions> => ({
  name,
  inputs: () => {
    const parameters = [2, 3].map((seed) => randomTensor([shape[1]], { seed, min: -1, max: 1 }));
    const x = randomTensor(shape, { seed: 1, min: mean - 1, max: mean + 1 });
    const adds = options.epilogue?.some(({ op }) => op === "add");
    return [x, ...parameters, ...adds ? [randomTensor(shape, { seed: 4 })] : []];
  },
  options,
});

/** Inputs and options worth trying. */
export const instanceNormalizationCases: Case<InstanceNormalizationOptions>[] = [
  of("map, ragged", [2, 5, 7, 9]),
  of("volume", [1, 6, 3, 4, 5], { epilogue: [{ op: "leakyRelu", alpha: 0.01 }] }),
  of("one axis", [2, 3, 300], { epsilon: 0.1 }),
  of("many rows, several chunks", [1, 4, 70, 30], { epilogue: [{ op: "relu" }] }),
  of("a large mean", [1, 3, 20, 21], {}, 100),
  of("more rows than chunks", [1, 1, 2100, 3]),
  of("one pixel", [1, 4, 1, 1]),
  of("groups of channels", [2, 12, 5, 7], { groups: 3 }),
  of("groups of channels of a volume, several chunks", [2, 6, 3, 17, 11], { groups: 2, epilogue: [{ op: "relu" }] }),
  of("one group of one axis", [2, 5, 300], { groups: 1 }, 20),
  of("groups of one pixel", [3, 4, 1, 1], { groups: 2 }),
  of("more channels of a group than chunks may be", [1, 70, 40, 30], { groups: 1 }),
  of("then add", [1, 4, 5, 5], { epilogue: [{ op: "add" }] }),
  of("empty", [0, 3, 2, 2]),
];
