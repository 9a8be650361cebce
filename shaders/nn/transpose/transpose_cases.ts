import { randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { TransposeOptions } from "./transpose.ts";

const of = (
  name: string,
  shape: readonly number[],
  permutation?: readonly number[],
  dtype: DType = "f32",
): Case<TransposeOptions> => ({
  name,
  inputs: () => [randomTensor(shape, { seed: 6, dtype, min: -9, max: 9 })],
  options: { permutation },
});

/** Inputs and options worth trying. */
export const transposeCases: Case<TransposeOptions>[] = [
  of("matrix", [5, 7]),
  of("channels last", [2, 3, 4, 5], [0, 2, 3, 1]),
  of("six axes", [2, 3, 1, 4, 2, 3], [5, 0, 3, 1, 4, 2]),
  of("eight axes reversed", [2, 2, 2, 2, 2, 2, 2, 2]),
  of("nothing moves", [2, 3, 4], [0, 1, 2]),
  of("i64", [3, 4], [1, 0], "i64"),
  of("scalar", []),
  of("empty", [0, 3], [1, 0]),
];
