import type { Case } from "../../contract.ts";
import { filledTensor, hostTensor, randomTensor, tensorOf } from "../../cases.ts";
import type { LargestSliceOptions } from "./largest_slice.ts";

/** Cases of `largestSlice`. */
export const largestSliceCases: readonly Case<LargestSliceOptions>[] = [
  { name: "noise", inputs: () => [randomTensor([9, 13, 17], { seed: 61 })], options: {} },
  { name: "many slices", inputs: () => [randomTensor([131, 3, 5], { seed: 62 })], options: {} },
  { name: "equal slices", inputs: () => [tensorOf([5, 4, 3], (i) => i >= 24 ? 1 : 0)], options: {} },
  { name: "the last of a ragged row", inputs: () => [tensorOf([3, 9, 6], (i) => i === 161 ? 1 : 0.5)], options: {} },
  { name: "nothing set", inputs: () => [filledTensor([4, 5, 6], 0)], options: {} },
  { name: "one slice", inputs: () => [filledTensor([1, 70, 70], 1)], options: {} },
  { name: "one pixel", inputs: () => [filledTensor([1, 1, 1], 1)], options: {} },
  { name: "no slices", inputs: () => [hostTensor([], [0, 3, 3])], options: {} },
];
