import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { PoolIndicesOptions } from "./pool_indices.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<PoolIndicesOptions> & { kernel: readonly number[] },
): Case<PoolIndicesOptions> => ({
  name,
  inputs: () => [randomTensor(shape, { seed: 3, min: -1, max: 1 })],
  options,
});

/** Inputs and options worth trying. */
export const poolIndicesCases: Case<PoolIndicesOptions>[] = [
  of("image", [2, 3, 6, 7], { kernel: [2, 3], strides: [2, 2] }),
  of("down the columns", [1, 2, 5, 4], { kernel: [2, 2], columnMajor: true }),
  of("pads, dilations, beyond the end", [1, 2, 8, 9], {
    kernel: [3, 2],
    strides: [3, 2],
    dilations: [1, 2],
    padsBegin: [1, 1],
    padsEnd: [1, 0],
    ceilMode: true,
  }),
  of("signal", [2, 2, 12], { kernel: [3], strides: [2] }),
  of("volume, down the columns", [1, 2, 4, 5, 6], { kernel: [2, 2, 2], strides: [2, 1, 3], columnMajor: true }),
  {
    name: "equal elements, NaN, infinity and zeros of both signs",
    inputs: () => [hostTensor([1, 1, NaN, 2, NaN, Infinity, -0, 0, -Infinity, -Infinity], [1, 1, 10])],
    options: { kernel: [2], strides: [2] },
  },
  of("empty", [0, 2, 4, 4], { kernel: [2, 2] }),
];
