import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { GatherElementsOptions } from "./gather_elements.ts";

const of = (
  name: string,
  shape: readonly number[],
  indices: readonly number[],
  axis: number,
  dtype: DType = "f32",
): Case<GatherElementsOptions> => ({
  name,
  inputs: () => {
    const rank = axis < 0 ? axis + shape.length : axis;
    return [
      randomTensor(shape, { seed: 4, dtype, min: -99, max: 99 }),
      randomTensor(indices, { seed: 5, dtype: "i64", min: -shape[rank], max: shape[rank] - 1 }),
    ];
  },
  options: { axis },
});

/** Inputs and options worth trying. */
export const gatherElementsCases: Case<GatherElementsOptions>[] = [
  of("rows", [5, 3], [7, 3], 0),
  of("columns, fewer rows", [5, 6], [3, 4], 1),
  of("middle axis of integers", [2, 5, 3], [2, 2, 3], 1, "i32"),
  of("last axis", [2, 3, 4, 5], [2, 2, 4, 9], -1),
  of("one axis", [4], [70], 0, "i64"),
  of("no indices", [4, 2], [0, 2], 0),
  {
    name: "indices of i32, outside as well",
    inputs: () => [randomTensor([3, 2]), hostTensor([0, 2, -3, 3, -4, 99], [3, 2], "i32")],
    options: { axis: 0 },
  },
];
