import { filledTensor, hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { LayerNormalizationOptions } from "./layer_normalization.ts";

const of = (
  name: string,
  shape: readonly number[],
  axes: number,
  { epsilon, offset = 0 }: { epsilon?: number; offset?: number } = {},
): Case<LayerNormalizationOptions> => ({
  name,
  inputs: () => [
    randomTensor(shape, { seed: 3, min: offset - 1, max: offset + 1 }),
    ...[7, 8].map((seed) => randomTensor(shape.slice(shape.length - axes), { seed, min: -1 })),
  ],
  options: epsilon === undefined ? {} : { epsilon },
});

/** Inputs and options worth trying. */
export const layerNormalizationCases: Case<LayerNormalizationOptions>[] = [
  of("lines", [3, 5, 70], 1),
  of("ragged lines, fewer than a chunk", [19, 7], 1),
  of("several axes", [2, 3, 4, 5], 2, { epsilon: 0.1 }),
  of("all axes", [6, 11], 2),
  of("a large mean", [2, 300], 1, { offset: 50 }),
  of("one element a line", [4, 1], 1),
  of("one line of one element", [1], 1),
  of("long lines", [2, 9000], 1),
  of("lines of more than an invocation may go over", [2, 31_000], 1),
  of("no lines", [0, 5], 1),
  {
    name: "equal elements",
    inputs: () => [filledTensor([2, 130], 3), filledTensor([130], 2), filledTensor([130], -1)],
    options: {},
  },
  {
    name: "a line with NaN leaves the others alone",
    inputs: () => [hostTensor([1, NaN, 2, 3, 4, 6], [2, 3]), filledTensor([3], 1), filledTensor([3], 0)],
    options: {},
  },
];
