import { tensorOf } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { inputsOf } from "../random_inputs.ts";
import type { DftOptions } from "./dft.ts";

const of = (name: string, shape: readonly number[], options: Partial<DftOptions>): Case<DftOptions> => ({
  name,
  inputs: inputsOf(shape),
  options,
});

/** Inputs and options worth trying. */
export const dftCases: Case<DftOptions>[] = [
  of("real", [2, 16, 1], {}),
  of("complex", [2, 15, 2], {}),
  of("inverse", [1, 12, 2], { inverse: true }),
  of("inverse of real numbers", [1, 12, 1], { inverse: true }),
  of("onesided", [3, 10, 1], { onesided: true }),
  of("onesided, odd", [3, 9, 1], { onesided: true }),
  of("another axis", [2, 7, 3, 4, 2], { axis: 1 }),
  of("first axis", [6, 3, 2], { axis: 0, inverse: true }),
  of("cut", [2, 20, 1], { length: 11 }),
  of("followed by zeros", [2, 5, 2], { length: 16, onesided: true }),
  of("long", [1, 1000, 1], { onesided: true }),
  {
    name: "what cancels out",
    inputs: () => [tensorOf([1, 64, 1], (k) => Math.cos(2 * Math.PI * 5 * k / 64))],
    options: {},
  },
  of("one element", [1, 1, 2], {}),
  of("empty", [0, 4, 1], {}),
];
