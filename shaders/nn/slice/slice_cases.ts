import { randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { SliceOptions } from "./slice.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: SliceOptions,
  dtype: DType = "f32",
): Case<SliceOptions> => ({
  name,
  inputs: () => [randomTensor(shape, { seed: 7, dtype, min: -9, max: 9 })],
  options,
});

/** Inputs and options worth trying. */
export const sliceCases: Case<SliceOptions>[] = [
  of("a part", [4, 5, 6], { starts: [1, 0, 2], sizes: [2, 5, 3] }),
  of("every second", [7, 8], { starts: [1, 0], steps: [2, 3], sizes: [3, 3] }),
  of("backward", [5, 4], { starts: [4, 3], steps: [-1, -2], sizes: [5, 2] }),
  of("all", [2, 3, 4, 5], { starts: [0, 0, 0, 0], sizes: [2, 3, 4, 5] }),
  of("i8", [9], { starts: [3], sizes: [4] }, "i8"),
  of("nothing", [4, 5], { starts: [4, 0], sizes: [0, 5] }),
];
