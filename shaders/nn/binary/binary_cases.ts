import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { BinaryOp, BinaryOptions } from "./binary.ts";
import { binaryFunctions } from "./binary_table.ts";

const names = Object.keys(binaryFunctions) as BinaryOp[];

const integers = (dtype: DType, min: number, max: number) => () => [
  randomTensor([4, 7], { seed: 1, dtype, min, max }),
  randomTensor([4, 7], { seed: 2, dtype, min: Math.max(1, min), max }),
];

/** Floats that are exact in f32, so that comparisons and remainders are. */
const eighths = () => [
  hostTensor([-2.5, -1, -0.125, 0, 0.5, 1, 3.75, 8], [8]),
  hostTensor([1, -1, 0.5, 2, 0.5, -3, 0.625, 2.5], [8]),
];

const powers = () => [
  hostTensor([0, 0, 2, -2, -3, 1.5, 0.1, 7.25, 1e-3, 4, -1, 9, 2.5], [13]),
  hostTensor([0, 2, 10, 3, 4, -2.5, 1.7, 2.3, 0.9, -0.5, 5, 0.5, -1], [13]),
];

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  options: Partial<BinaryOptions> & { op: BinaryOp },
): Case<BinaryOptions> => ({ name, inputs: inputsOf(...shapes), options });

const ends = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2.5, -2.5, 3, -3, 0.5];

/** Inputs and options worth trying. */
export const binaryCases: Case<BinaryOptions>[] = [
  ...names.filter((op) => ["numbers", "any"].includes(binaryFunctions[op].takes)).map((op): Case<BinaryOptions> => ({
    name: `${op} of floats`,
    inputs: op === "power" ? powers : eighths,
    options: { op },
  })),
  ...names.filter((op) => binaryFunctions[op].takes !== "bool").map((op): Case<BinaryOptions> => ({
    name: `${op} of i32`,
    inputs: op === "power" || op.startsWith("shift") ? integers("i32", 0, 6) : integers("i32", -50, 50),
    options: { op },
  })),
  ...(["and", "or", "xor", "equal"] as const).map((op): Case<BinaryOptions> => ({
    name: `${op} of bool`,
    inputs: () => [hostTensor([0, 0, 1, 1], [4], "bool"), hostTensor([0, 1, 0, 1], [4], "bool")],
    options: { op },
  })),
  ...(["add", "multiply", "subtract", "shiftLeft"] as const).flatMap((op) =>
    (["u8", "i8", "u16", "i16"] as const).map((dtype): Case<BinaryOptions> => ({
      name: `${op} of ${dtype} wraps`,
      inputs: op === "shiftLeft" ? integers(dtype, 1, 7) : integers(dtype, 0, 127),
      options: { op },
    }))
  ),
  ...names.filter((op) => ["numbers", "any"].includes(binaryFunctions[op].takes)).map((op): Case<BinaryOptions> => ({
    name: `${op} of NaN, infinities and zeros`,
    inputs: () => [hostTensor(ends, [ends.length, 1]), hostTensor(ends, [ends.length])],
    options: { op },
  })),
  {
    name: "maximum of maps with NaN, then clip",
    inputs: brokenInputs(7, [1, 5, 3, 4], [1, 5, 3, 4]),
    options: { op: "maximum", epilogue: [{ op: "clip", min: -0.5, max: 0.5 }] },
  },
  {
    name: "comparison of u32 above the sign bit",
    inputs: () => [hostTensor([4e9, 1, 3e9], [3], "u32"), hostTensor([1, 4e9, 3e9], [3], "u32")],
    options: { op: "greater" },
  },
  of("scalars", [[], []], { op: "add" }),
  of("maps", [[2, 5, 3, 7], [2, 5, 3, 7]], { op: "add", epilogue: [{ op: "relu" }] }),
  of("a map and a scalar", [[1, 6, 3, 4], []], { op: "multiply" }),
  of("a scalar and a map", [[], [1, 6, 3, 4]], { op: "subtract" }),
  of("a map and one number per channel", [[2, 6, 3, 4], [6, 1, 1]], { op: "multiply" }),
  of("a map and one channel of each pixel", [[2, 6, 3, 4], [2, 1, 3, 4]], { op: "multiply" }),
  of("a map and one number per channel and image", [[2, 6, 3, 4], [2, 6, 1, 1]], { op: "multiply" }),
  of("a volume and a row", [[2, 5, 2, 3, 4], [4]], { op: "subtract" }),
  of("a plane and a volume", [[2, 1, 1], [2, 5, 2, 3, 4]], { op: "subtract" }),
  of("a volume and one depth", [[1, 5, 3, 2, 4], [1, 5, 1, 2, 4]], { op: "maximum" }),
  of("both repeated", [[2, 1, 3, 1], [1, 4, 1, 5]], { op: "add" }),
  of("many axes", [[2, 1, 3, 1, 2, 1], [1, 2, 1, 3, 1, 2]], { op: "add" }),
  of("then add and clip", [[1, 4, 3, 3], [1, 4, 3, 3], [1, 4, 3, 3]], {
    op: "multiply",
    epilogue: [{ op: "add" }, { op: "clip", min: -0.2, max: 0.4 }],
  }),
  of("empty", [[0, 3], [1, 3]], { op: "add" }),
];
