import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { GatherOptions } from "./gather.ts";

const of = (
  name: string,
  shape: readonly number[],
  indices: readonly number[],
  indexShape: readonly number[],
  axis: number,
  dtype: DType = "f32",
): Case<GatherOptions> => ({
  name,
  inputs: () => [
    randomTensor(shape, { seed: 9, dtype, min: -9, max: 9 }),
    hostTensor(indices, indexShape, dtype === "f32" ? "i64" : "i32"),
  ],
  options: { axis },
});

/** Inputs and options worth trying. */
export const gatherCases: Case<GatherOptions>[] = [
  of("rows", [5, 3], [4, 0, 0, 2], [4], 0),
  of("a matrix of columns", [2, 6, 3], [1, -1, 5, 0, -6, 2], [2, 3], 1),
  of("a scalar index drops the axis", [2, 3, 4], [1], [], -1, "i32"),
  of("no indices", [4, 2], [], [0], 0),
];
