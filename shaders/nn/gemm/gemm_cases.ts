import type { Case } from "../../contract.ts";
import { inputsOf } from "../random_inputs.ts";
import type { GemmOptions } from "./gemm.ts";

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  options: Partial<GemmOptions> = {},
): Case<GemmOptions> => ({
  name,
  inputs: inputsOf(...shapes),
  options,
});

/** Inputs and options worth trying. */
export const gemmCases: Case<GemmOptions>[] = [
  of("ragged", [[17, 13], [13, 131]]),
  of("one by one", [[1, 1], [1, 1]]),
  of("one row", [[1, 50], [50, 9], [9]]),
  of("one column", [[33, 6], [6, 1]]),
  of("A transposed", [[9, 18], [9, 20], [18, 20]], { transposeA: true, alpha: 0.5, beta: -2 }),
  of("B transposed", [[18, 9], [20, 9], [20]], { transposeB: true }),
  of("both transposed", [[9, 18], [20, 9], [18, 1]], { transposeA: true, transposeB: true, beta: 0.25 }),
  of("C is a number", [[5, 6], [6, 7], []]),
  of("two panels each way", [[40, 21], [21, 140], [1, 140]], { epilogue: [{ op: "relu" }] }),
  of("then add and sigmoid", [[19, 8], [8, 33], [33], [19, 33]], { epilogue: [{ op: "add" }, { op: "sigmoid" }] }),
  of("then gelu", [[9, 8], [8, 33], [33]], { epilogue: [{ op: "gelu" }] }),
  of("then gelu by tanh and add, packed", [[64, 64], [64, 80], [80], [64, 80]], {
    epilogue: [{ op: "geluTanh" }, { op: "add" }],
  }),
  of("enough to be packed", [[64, 64], [64, 80], [80]]),
  of("rows of C, then add, packed", [[70, 64], [64, 68], [70, 68], [70, 68]], { beta: 0.5, epilogue: [{ op: "add" }] }),
  of("a column of C, ragged, packed", [[65, 64], [64, 67], [65, 1]], {}),
  of("a column of C, packed", [[33, 64], [64, 132], [33, 1]], { epilogue: [{ op: "relu" }] }),
  of("no depth", [[3, 0], [0, 4], [4]]),
  of("no rows", [[0, 3], [3, 4]]),
  of("a long sum, split", [[4, 250_000], [250_000, 1]], {}),
];
