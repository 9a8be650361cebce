import { hostTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { inputsOf } from "../random_inputs.ts";
import type { DeterminantOptions } from "./determinant.ts";

/** Inputs worth trying. */
export const determinantCases: Case<DeterminantOptions>[] = [
  { name: "one matrix", inputs: inputsOf([4, 4]), options: {} },
  { name: "many", inputs: inputsOf([3, 30, 3, 3]), options: {} },
  { name: "larger", inputs: inputsOf([2, 20, 20]), options: {} },
  { name: "rows change places", inputs: () => [hostTensor([0, 2, 0, 3, 0, 0, 0, 0, 4], [3, 3])], options: {} },
  { name: "no inverse", inputs: () => [hostTensor([1, 2, 2, 4], [2, 2])], options: {} },
  { name: "one element", inputs: inputsOf([5, 1, 1]), options: {} },
  { name: "no rows", inputs: () => [hostTensor([], [2, 0, 0])], options: {} },
  { name: "no matrices", inputs: () => [hostTensor([], [0, 2, 2])], options: {} },
];
