import { hostTensor, randomTensor, tensorOf } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { NonZeroOptions } from "./non_zero.ts";

/** Inputs worth trying. */
export const nonZeroCases: Case<NonZeroOptions>[] = [
  { name: "a matrix of bool", inputs: () => [randomTensor([13, 21], { seed: 2, dtype: "bool" })], options: {} },
  { name: "few of many", inputs: () => [tensorOf([40_000], (i) => i % 997 === 3 ? 1 : 0, "bool")], options: {} },
  { name: "four axes of i64", inputs: () => [randomTensor([2, 3, 4, 5], { seed: 3, dtype: "i64" })], options: {} },
  {
    name: "zeros of both signs and NaN",
    inputs: () => [hostTensor([0, -0, NaN, 1e-40, -1, Infinity], [2, 3])],
    options: {},
  },
  { name: "nothing", inputs: () => [tensorOf([5, 7], () => 0, "u8")], options: {} },
  { name: "no elements", inputs: () => [hostTensor([], [3, 0], "i32")], options: {} },
  { name: "one element", inputs: () => [hostTensor([-3], [1], "i32")], options: {} },
];
