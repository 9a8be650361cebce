import { randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { ExpandOptions } from "./expand.ts";

const of = (
  name: string,
  from: readonly number[],
  shape: readonly number[],
  dtype: DType = "f32",
): Case<ExpandOptions> => ({
  name,
  inputs: () => [randomTensor(from, { seed: 8, dtype, min: -9, max: 9 })],
  options: { shape },
});

/** Inputs and options worth trying. */
export const expandCases: Case<ExpandOptions>[] = [
  of("new axes", [3], [2, 4, 3]),
  of("inner axes", [2, 1, 3, 1], [2, 4, 3, 5]),
  of("the input has more axes", [2, 3, 4], [4]),
  of("ones keep the input's size", [3, 4], [1, 1]),
  of("scalar", [], [2, 3], "i32"),
  of("to nothing", [1, 3], [0, 3]),
];
