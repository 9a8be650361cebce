import type { Case } from "../../contract.ts";
import { inputsOf } from "../random_inputs.ts";
import type { MatmulOptions } from "./matmul.ts";

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  options: Partial<MatmulOptions> = {},
): Case<MatmulOptions> => ({ name, inputs: inputsOf(...shapes), options });

/** Inputs and options worth trying. */
export const matmulCases: Case<MatmulOptions>[] = [
  of("matrices", [[7, 9], [9, 11]]),
  of("vectors", [[9], [9]]),
  of("a vector and a matrix", [[9], [9, 5]]),
  of("a matrix and a vector", [[5, 9], [9]]),
  of("batches", [[2, 3, 7, 6], [2, 3, 6, 10]], { epilogue: [{ op: "silu" }] }),
  of("one matrix for all", [[2, 3, 7, 6], [6, 33]]),
  of("one left matrix for all", [[7, 6], [3, 6, 5]]),
  of("both repeated", [[2, 1, 4, 6], [1, 3, 6, 5]]),
  of("a batch and vectors", [[3, 4, 6], [6]]),
  of("then add", [[4, 20, 8], [4, 8, 40], [4, 20, 40]], { epilogue: [{ op: "add" }] }),
  of("enough to be packed", [[3, 40, 50], [3, 50, 70]]),
  of("empty", [[0, 4, 6], [0, 6, 5]]),
];
