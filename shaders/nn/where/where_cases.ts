import { randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { WhereOptions } from "./where.ts";

const of = (
  name: string,
  condition: readonly number[],
  a: readonly number[],
  b: readonly number[],
  dtype: DType = "f32",
): Case<WhereOptions> => ({
  name,
  inputs: () => [
    randomTensor(condition, { seed: 1, dtype: "bool", min: 0, max: 1 }),
    randomTensor(a, { seed: 2, dtype, min: -9, max: 9 }),
    randomTensor(b, { seed: 3, dtype, min: -9, max: 9 }),
  ],
  options: {},
});

/** Inputs worth trying. */
export const whereCases: Case<WhereOptions>[] = [
  of("equal shapes", [4, 5], [4, 5], [4, 5]),
  of("a scalar each", [3, 70], [], [1]),
  of("every one repeated", [2, 1, 3], [4, 1], [2, 1, 1], "i64"),
  of("empty", [0, 2], [2], []),
];
