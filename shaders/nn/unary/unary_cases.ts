import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case, DType, HostTensor } from "../../contract.ts";
import type { UnaryOp, UnaryOptions } from "./unary.ts";
import { unaryFunctions } from "./unary_table.ts";

const line = (min: number, max: number, steps = 61): HostTensor => {
  const at = Array.from({ length: steps }, (_, index) => min + (max - min) * index / (steps - 1));
  return hostTensor(at, [steps]);
};

const ranges: Partial<Record<UnaryOp, readonly [number, number][]>> = {
  sqrt: [[0, 9]],
  reciprocal: [[0.5, 9], [-2, -0.1]],
  exp: [[-1, 1], [-90, 5], [10, 80]],
  log: [[0.5, 2], [1e-6, 1e-3], [1, 1e6]],
  asin: [[-1, 1]],
  acos: [[-1, 1]],
  atanh: [[-0.9, 0.9]],
  acosh: [[1, 3], [1, 1e4]],
  sin: [[-4, 4], [100, 300]],
  cos: [[-4, 4], [-300, -100]],
  tan: [[-1.2, 1.2]],
  tanh: [[-0.01, 0.01], [-2, 2], [-100, 100]],
  sinh: [[-1.5, 1.5], [-80, 80]],
  cosh: [[-1.5, 1.5]],
  asinh: [[-1, 1], [-100, 100]],
  sigmoid: [[-1, 1], [-100, 100]],
  erf: [[-0.9, 0.9], [-5, 5]],
};

const floats = Object.entries(unaryFunctions).filter(([, { takes, test }]) => takes !== "bool" && !test);

const some = (dtype: DType, min: number, max: number): () => HostTensor[] => () => [
  randomTensor([3, 7], { seed: 3, dtype, min, max }),
];

/** Inputs and options worth trying. */
export const unaryCases: Case<UnaryOptions>[] = [
  ...floats.flatMap(([op]) =>
    (ranges[op as UnaryOp] ?? [[-4, 4]]).map(([min, max]): Case<UnaryOptions> => ({
      name: `${op} from ${min} to ${max}`,
      inputs: () => [line(min, max)],
      options: { op: op as UnaryOp },
    }))
  ),
  {
    name: "round to even",
    inputs: () => [hostTensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], [6])],
    options: { op: "round" },
  },
  ...floats.map(([op]): Case<UnaryOptions> => ({
    name: `${op} of NaN and infinities`,
    inputs: () => [hostTensor([NaN, -Infinity, Infinity, 0, -0, 1], [1, 6, 1, 1])],
    options: { op: op as UnaryOp },
  })),
  {
    name: "clip without a greatest value",
    inputs: () => [hostTensor([NaN, -Infinity, Infinity, 0, 5], [5])],
    options: { op: "clip", alpha: -1, beta: Infinity },
  },
  { name: "clip to limits", inputs: () => [line(-4, 4)], options: { op: "clip", alpha: -1, beta: 2.5 } },
  { name: "leakyRelu with a slope", inputs: () => [line(-4, 4)], options: { op: "leakyRelu", alpha: 0.3 } },
  { name: "celu with alpha", inputs: () => [line(-4, 4)], options: { op: "celu", alpha: 2 } },
  {
    name: "log at and below 0",
    inputs: () => [hostTensor([0, -1, Infinity, 1, NaN], [5])],
    options: { op: "log" },
  },
  { name: "exp of infinities", inputs: () => [hostTensor([-Infinity, Infinity, 0, NaN], [4])], options: { op: "exp" } },
  {
    name: "tanh of infinities",
    inputs: () => [hostTensor([-Infinity, Infinity, 3.4e38], [3])],
    options: { op: "tanh" },
  },
  ...(["isNaN", "isInf"] as const).map((op): Case<UnaryOptions> => ({
    name: op,
    inputs: () => [hostTensor([0, -1, NaN, Infinity, -Infinity, 3e38], [6])],
    options: { op },
  })),
  {
    name: "map with channels not a multiple of 4",
    inputs: () => [randomTensor([2, 5, 3, 9], { min: -3, max: 3 })],
    options: { op: "exp" },
  },
  {
    name: "reciprocal of a map",
    inputs: () => [randomTensor([1, 6, 2, 3, 4], { min: 1, max: 3 })],
    options: { op: "reciprocal" },
  },
  { name: "scalar", inputs: () => [hostTensor([2], [])], options: { op: "sqrt" } },
  { name: "empty", inputs: () => [hostTensor([], [2, 0, 3, 3])], options: { op: "relu" } },
  { name: "negative of i8", inputs: some("i8", -128, 127), options: { op: "negative" } },
  { name: "negative of u8", inputs: some("u8", 0, 255), options: { op: "negative" } },
  { name: "abs of i64", inputs: some("i64", -9, 9), options: { op: "abs" } },
  { name: "sign of i32", inputs: some("i32", -2, 2), options: { op: "sign" } },
  { name: "clip of i32", inputs: some("i32", -9, 9), options: { op: "clip", alpha: -3, beta: 5 } },
  { name: "not", inputs: some("bool", 0, 1), options: { op: "not" } },
];
