import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { ReduceKind, ReduceOptions } from "./reduce.ts";
import { reduceFunctions } from "./reduce_table.ts";

const kinds = Object.keys(reduceFunctions) as ReduceKind[];

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<ReduceOptions> & { kind: ReduceKind },
): Case<ReduceOptions> => ({
  name,
  inputs: inputsOf(shape),
  options,
});

/** Inputs and options worth trying. */
export const reduceCases: Case<ReduceOptions>[] = [
  ...kinds.flatMap((kind): Case<ReduceOptions>[] => [
    {
      name: `${kind} of all`,
      inputs: () => [randomTensor([3, 5, 4], { seed: 2, min: kind === "logSum" ? 0.1 : -1, max: 1.5 })],
      options: { kind },
    },
    {
      name: `${kind} of a map's pixels`,
      inputs: () => [randomTensor([2, 5, 6, 7], { seed: 2, min: 0.5, max: 1.5 })],
      options: { kind, axes: [2, 3] },
    },
  ]),
  ...kinds.flatMap((kind): Case<ReduceOptions>[] => [
    { name: `${kind} of NaN and infinity`, inputs: brokenInputs(7, [9, 5]), options: { kind, axes: [1] } },
    {
      name: `${kind} of a map with NaN and infinity`,
      inputs: brokenInputs(17, [2, 5, 4, 5]),
      options: { kind, axes: [2, 3] },
    },
    {
      name: `${kind} of infinities alone`,
      inputs: () => [hostTensor([-Infinity, -Infinity, Infinity, Infinity, Infinity, -Infinity], [3, 2])],
      options: { kind, axes: [1] },
    },
  ]),
  ...(["mean", "sum", "max", "min", "prod", "sumSquare", "l1"] as const).map((kind): Case<ReduceOptions> => ({
    name: `${kind} of i32`,
    inputs: () => [randomTensor([3, 6], { seed: 4, dtype: "i32", min: -5, max: 5 })],
    options: { kind, axes: [1] },
  })),
  {
    name: "sum of u8 wraps",
    inputs: () => [randomTensor([3, 6], { dtype: "u8", min: 100, max: 255 })],
    options: { kind: "sum", axes: [-1] },
  },
  of("sum of the first axis", [70, 5], { kind: "sum", axes: [0] }),
  of("sum of axes apart", [3, 4, 5, 6], { kind: "sum", axes: [0, 2], keepDims: false }),
  of("mean of axes apart", [3, 4, 5, 6], { kind: "mean", axes: [-1, 1] }),
  of("maximum of a volume's voxels", [1, 3, 4, 5, 6], { kind: "max", axes: [2, 3, 4], keepDims: false }),
  of("mean of one spatial axis", [2, 3, 40], { kind: "mean", axes: [2] }),
  of("one chunk of 16 and one more", [2, 17], { kind: "sum", axes: [1] }),
  of("just below the split", [2, 1024], { kind: "sum", axes: [1] }),
  of("just above the split", [2, 1025], { kind: "mean", axes: [1] }),
  of("split twice, with an inner axis", [1, 300_000, 2], { kind: "sum", axes: [1] }),
  of("split greatest", [1, 70_001], { kind: "max", axes: [1] }),
  of("a map of as many pixels as one invocation takes", [1, 5, 32, 32], { kind: "rootMeanSquare", axes: [2, 3] }),
  of("a map of one row more", [2, 3, 33, 32], { kind: "rootMeanSquare", axes: [2, 3] }),
  of("many rows of a map", [1, 5, 600, 3], { kind: "mean", axes: [2, 3] }),
  of("a wide map", [1, 2, 2, 900], { kind: "sum", axes: [2, 3] }),
  of("no axes", [2, 3], { kind: "sumSquare", axes: [] }),
  of("scalar", [], { kind: "l1" }),
  of("no elements to reduce", [2, 0], { kind: "sum", axes: [1] }),
  of("no results", [0, 3], { kind: "mean", axes: [1] }),
];
