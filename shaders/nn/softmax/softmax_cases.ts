import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { SoftmaxOptions } from "./softmax.ts";

const both = (name: string, shape: readonly number[], axis: number, reach = 8): Case<SoftmaxOptions>[] =>
  [false, true].map((log) => ({
    name: log ? `${name}, logarithm` : name,
    inputs: () => [randomTensor(shape, { seed: 5, min: -reach, max: reach })],
    options: { axis, log },
  }));

/** Inputs and options worth trying. */
export const softmaxCases: Case<SoftmaxOptions>[] = [
  ...both("rows", [5, 7], -1),
  ...both("columns", [5, 7], 0),
  ...both("channels of a map", [2, 5, 3, 9], 1),
  ...both("channels of a volume", [1, 8, 2, 3, 4], 1),
  ...both("one channel", [1, 1, 3, 3], 1),
  ...both("last axis of a map", [1, 3, 4, 10], 3),
  ...both("far apart", [3, 9], 1, 300),
  ...both("one element", [1], 0),
  ...both("just below the split", [2, 20_000], 1),
  ...both("just above the split", [2, 20_001], 1),
  ...[{ axis: 1, shape: [2, 5] }, { axis: 1, shape: [2, 5, 1, 1] }].flatMap(({ axis, shape }) =>
    [false, true].map((log): Case<SoftmaxOptions> => ({
      name: `NaN and -infinity in [${shape}]${log ? ", logarithm" : ""}`,
      inputs: () => [hostTensor([-Infinity, 1, -Infinity, 0, 2, NaN, 1, -Infinity, 3, 0], shape)],
      options: { axis, log },
    }))
  ),
  ...both("empty", [0, 4], 1),
];
