import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { inputsOf } from "../random_inputs.ts";
import type { ConcatOptions } from "./concat.ts";

const of = (name: string, axis: number, ...shapes: number[][]): Case<ConcatOptions> => ({
  name,
  inputs: inputsOf(...shapes),
  options: { axis },
});

const doubled = (name: string, doublings: number[], ...shapes: number[][]): Case<ConcatOptions> => ({
  name,
  inputs: inputsOf(...shapes),
  options: { axis: 1, doublings },
});

/** Inputs and options worth trying. */
export const concatCases: Case<ConcatOptions>[] = [
  of("channels, multiples of 4", 1, [2, 8, 5, 7], [2, 4, 5, 7], [2, 3, 5, 7]),
  of("channels of volumes", 1, [1, 4, 2, 3, 5], [1, 8, 2, 3, 5]),
  of("channels of six volumes, the last of them ragged", 1, ...[4, 8, 4, 12, 4, 1].map((c) => [1, c, 3, 2, 5])),
  of("nine inputs, one of them empty", 1, ...[1, 2, 0, 3, 1, 5, 2, 1, 4].map((c) => [2, c, 3])),
  doubled("a doubled map", [1, 0], [2, 8, 3, 5], [2, 5, 6, 10]),
  doubled("doubled volumes", [2, 1, 0], [1, 4, 1, 2, 1], [1, 8, 2, 4, 2], [1, 3, 4, 8, 4]),
  doubled("doubled lines, five of them", [1, 0, 1, 0, 1], ...[4, 8, 4, 4, 2].map((c, i) => [2, c, i % 2 ? 6 : 3])),
  doubled("a doubled map of ragged channels", [1, 0], [1, 3, 2, 3], [1, 4, 4, 6]),
  doubled("a doubled map of nothing", [1, 0], [1, 0, 2, 3], [1, 4, 4, 6]),
  of("channels, ragged", 1, [1, 3, 4, 5], [1, 5, 4, 5]),
  of("one input", 1, [1, 4, 3, 3]),
  of("batch", 0, [1, 4, 3, 3], [2, 4, 3, 3]),
  of("last axis, counted from the end", -1, [2, 3], [2, 5], [2, 1]),
  of("vectors", 0, [7], [300]),
  of("an empty input", 1, [1, 4, 2, 2], [1, 0, 2, 2], [1, 4, 2, 2]),
  of("all empty", 0, [0, 3], [0, 3]),
  {
    name: "i64",
    inputs: () => [1, 2].map((seed) => randomTensor([2, 3], { seed, dtype: "i64", min: -9, max: 9 })),
    options: { axis: 1 },
  },
];
