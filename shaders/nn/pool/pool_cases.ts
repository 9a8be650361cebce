import { hostTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { PoolOptions } from "./pool.ts";

type Options = Partial<PoolOptions> & { kernel: readonly number[] };

const both = (name: string, shape: readonly number[], options: Options): Case<PoolOptions>[] =>
  (["max", "average"] as const).map((kind) => ({
    name: `${kind}, ${name}`,
    inputs: inputsOf(shape),
    options: { kind, ...options },
  }));

/** Inputs and options worth trying. */
export const poolCases: Case<PoolOptions>[] = [
  ...both("2x2, stride 2", [2, 5, 6, 8], { kernel: [2, 2], strides: [2, 2] }),
  ...both("2x2, stride 2, ragged", [1, 4, 7, 5], { kernel: [2, 2], strides: [2, 2] }),
  ...both("3x3, stride 2, padded", [1, 6, 9, 10], {
    kernel: [3, 3],
    strides: [2, 2],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
  }),
  ...both("ceil", [1, 4, 7, 6], { kernel: [3, 2], strides: [2, 2], ceilMode: true }),
  ...both("ceil, padded, pads counted", [1, 4, 6, 6], {
    kernel: [3, 3],
    strides: [2, 2],
    padsBegin: [1, 0],
    padsEnd: [1, 1],
    ceilMode: true,
    countIncludePad: true,
  }),
  ...both("ceil, last window beyond the end", [1, 1, 2, 2], {
    kernel: [1, 1],
    strides: [2, 2],
    padsEnd: [1, 1],
    ceilMode: true,
  }),
  ...both("pads counted", [1, 3, 5, 5], { kernel: [3, 3], padsBegin: [1, 2], padsEnd: [1, 0], countIncludePad: true }),
  ...both("dilation", [1, 4, 9, 8], { kernel: [3, 2], dilations: [2, 3] }),
  ...both("one axis", [2, 3, 11], { kernel: [4], strides: [3], padsBegin: [2] }),
  ...both("three axes", [1, 5, 4, 5, 6], { kernel: [2, 3, 2], strides: [2, 1, 2] }),
  ...both("the whole image", [1, 8, 5, 7], { kernel: [5, 7] }),
  ...both("one pixel", [1, 1, 1, 1], { kernel: [1, 1] }),
  ...both("window larger than the input", [1, 2, 3, 3], { kernel: [4, 4] }),
  ...both("a window of more than 60,000 positions", [1, 1, 250, 250], { kernel: [250, 250] }),
  // Windows with dilation are those of the page for any window.
  ...[1, 2].flatMap((step): Case<PoolOptions>[] => [
    ...(["max", "average"] as const).map((kind): Case<PoolOptions> => ({
      name: `${kind}, of NaN and infinity, dilation ${step}`,
      inputs: brokenInputs(23, [1, 5, 9, 8]),
      options: {
        kind,
        kernel: [3, 2],
        strides: [2, 2],
        padsBegin: [1, 0],
        padsEnd: [0, 1],
        dilations: [step, step],
        epilogue: [{ op: "relu" }],
      },
    })),
    {
      name: `max of -infinity, dilation ${step}`,
      inputs: () => [hostTensor(new Array(16).fill(-Infinity), [1, 1, 4, 4])],
      options: { kind: "max", kernel: [2, 2], padsBegin: [1, 1], padsEnd: [2, 2], dilations: [step, step] },
    },
    {
      name: `max, then add and relu, dilation ${step}`,
      inputs: inputsOf([1, 4, 4, 4], [1, 4, 4 - step, 4 - step]),
      options: { kind: "max", kernel: [2, 2], dilations: [step, step], epilogue: [{ op: "add" }, { op: "relu" }] },
    },
  ]),
  ...both("empty", [0, 3, 4, 4], { kernel: [2, 2] }),
  {
    name: "max, then add and relu",
    inputs: inputsOf([1, 4, 4, 4], [1, 4, 2, 2]),
    options: { kind: "max", kernel: [2, 2], strides: [2, 2], epilogue: [{ op: "add" }, { op: "relu" }] },
  },
];
