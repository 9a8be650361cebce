import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { ScatterElementsOptions } from "./scatter_elements.ts";

const of = (
  name: string,
  data: readonly number[],
  indices: readonly number[],
  updates: readonly number[],
  options: Partial<ScatterElementsOptions>,
  dtype: DType = "f32",
): Case<ScatterElementsOptions> => {
  const rank = data.length, axis = ((options.axis ?? 0) + rank) % rank;
  const least = dtype.startsWith("u") ? 0 : -3;
  return {
    name,
    inputs: () => [
      randomTensor(data, { seed: 1, dtype, min: least, max: 3 }),
      randomTensor(indices, { seed: 2, dtype: "i64", min: -data[axis], max: data[axis] - 1 }),
      randomTensor(updates, { seed: 3, dtype, min: least, max: 3 }),
    ],
    options,
  };
};

const kinds = ["add", "mul", "max", "min"] as const;

/** Inputs and options worth trying. */
export const scatterElementsCases: Case<ScatterElementsOptions>[] = [
  of("rows", [5, 4], [3, 4], [3, 4], {}),
  of("fewer positions than data", [5, 6, 4], [5, 3, 2], [5, 3, 2], { axis: 0 }),
  of("many to one: the last stays", [3, 2], [200, 2], [200, 2], {}, "i64"),
  of("along the last axis", [2, 3, 7], [2, 3, 5], [2, 3, 5], { axis: -1 }, "u8"),
  of("an index for whole slices", [6, 3, 2, 2], [4, 1, 1, 1], [4, 3, 2, 2], {}),
  of("an index for part of a slice", [6, 5], [4, 1], [4, 3], {}),
  ...kinds.flatMap((reduction) => [
    of(`${reduction} of floats`, [4, 5], [9, 5], [9, 5], { reduction }),
    of(`${reduction} of bytes`, [3, 5], [3, 8], [3, 8], { reduction, axis: 1 }, "u8"),
    of(`${reduction} of whole slices`, [5, 3], [7, 1], [7, 3], { reduction }, "i32"),
  ]),
  of("no updates", [3, 2], [0, 2], [0, 2], {}),
  of("no data", [3, 0], [2, 0], [2, 0], {}),
  {
    name: "indices outside go nowhere",
    inputs: () => [hostTensor([1, 2, 3], [3]), hostTensor([3, -4, 1], [3], "i64"), hostTensor([7, 8, 9], [3])],
    options: {},
  },
];
