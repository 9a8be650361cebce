import { randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { IntegerProductOptions } from "./integer_product.ts";

const of = (
  name: string,
  a: readonly number[],
  b: readonly number[],
  dtype: DType = "i32",
  limit = 1000,
): Case<IntegerProductOptions> => ({
  name,
  inputs: () => [
    randomTensor(a, { seed: 1, dtype, min: dtype.startsWith("u") ? 0 : -limit, max: limit }),
    randomTensor(b, { seed: 2, dtype, min: dtype.startsWith("u") ? 0 : -limit, max: limit }),
  ],
  options: {},
});

/** Inputs worth trying. */
export const integerProductCases: Case<IntegerProductOptions>[] = [
  of("matrices", [5, 7], [7, 3]),
  of("sums beyond 2^24", [3, 800], [800, 9], "i32", 250),
  of("sums that wrap", [2, 40], [40, 2], "i32", 2 ** 20),
  of("i64, a batch", [2, 3, 4, 5], [3, 5, 2], "i64"),
  of("bytes wrap", [4, 6], [6, 5], "u8", 255),
  of("signed bytes wrap", [4, 6], [6, 5], "i8", 120),
  of("one matrix for all", [3, 1, 4, 2], [2, 2]),
  of("nothing to add", [2, 0], [0, 3]),
  of("empty", [0, 2], [2, 3]),
];
