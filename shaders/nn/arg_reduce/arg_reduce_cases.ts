import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { ArgReduceOptions } from "./arg_reduce.ts";

const kinds = ["max", "min"] as const;

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<ArgReduceOptions>,
  dtype: DType = "f32",
): Case<ArgReduceOptions>[] =>
  kinds.map((kind) => ({
    name: `${kind}, ${name}`,
    inputs: () => [randomTensor(shape, { seed: 5, dtype, min: dtype.startsWith("u") ? 0 : -9, max: 9 })],
    options: { kind, ...options },
  }));

const line = (name: string, values: readonly number[], options: Partial<ArgReduceOptions> = {}) =>
  kinds.map((kind): Case<ArgReduceOptions> => ({
    name: `${kind}, ${name}`,
    inputs: () => [hostTensor(values, [values.length])],
    options: { kind, ...options },
  }));

/** Inputs and options worth trying. */
export const argReduceCases: Case<ArgReduceOptions>[] = [
  ...of("first axis", [7, 5], {}),
  ...of("middle axis, dropped", [3, 4, 6], { axis: 1, keepDims: false }),
  ...of("last axis, the last of equal ones", [4, 50], { axis: -1, last: true }, "i8"),
  ...of("the first of equal ones", [4, 50], { axis: -1 }, "u8"),
  ...of("i64", [5, 3], { axis: 1 }, "i64"),
  ...of("u32", [5, 3], { axis: 1 }, "u32"),
  ...of("channels of a map", [1, 5, 6, 7], { axis: 1 }),
  ...of("in two passes", [2, 3000, 2], { axis: 1, last: true }, "i32"),
  ...of("in chunks that end early", [1, 70_001], { axis: 1 }),
  ...of("no lines", [0, 3], { axis: 1 }),
  ...line("zeros of both signs are equal", [-0, 0, -0, 0]),
  ...line("NaN comes first", [1, NaN, Infinity, NaN, -Infinity]),
  ...line("the last NaN", [1, NaN, Infinity, NaN, -Infinity], { last: true }),
  ...line("infinities", [3e38, Infinity, -Infinity, -3e38]),
  ...line("one element", [-4]),
];
