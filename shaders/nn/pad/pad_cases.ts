import { randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { PadOptions } from "./pad.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<PadOptions>,
  dtype: DType = "f32",
): Case<PadOptions> => ({
  name,
  inputs: () => [randomTensor(shape, { seed: 10, dtype, min: -9, max: 9 })],
  options,
});

const modes = ["constant", "reflect", "edge", "wrap"] as const;

/** Inputs and options worth trying. */
export const padCases: Case<PadOptions>[] = [
  ...modes.flatMap((mode) => [
    of(`${mode}, spatial axes`, [1, 3, 4, 5], { mode, padsBegin: [0, 0, 2, 1], padsEnd: [0, 0, 1, 3] }),
    of(`${mode}, every axis`, [2, 3, 4], { mode, padsBegin: [1, 2, 0], padsEnd: [1, 0, 2], value: 7 }),
    of(`${mode}, cut and pad`, [5, 6], { mode, padsBegin: [-1, 2], padsEnd: [1, -3] }),
    of(`${mode}, wider than the input`, [3], { mode, padsBegin: [7], padsEnd: [8] }),
    of(`${mode}, a batch of volumes, cut and pad`, [2, 5, 3, 4, 3], {
      mode,
      padsBegin: [0, 0, 2, -1, 1],
      padsEnd: [0, 0, -1, 2, 2],
      value: 3,
    }),
    of(`${mode}, one element`, [1, 1], { mode, padsBegin: [2, 0], padsEnd: [0, 2] }),
  ]),
  of("i32", [2, 2], { padsBegin: [1, 0], padsEnd: [0, 1], value: -3 }, "i32"),
  of("nothing", [2, 3], { padsBegin: [0, 0], padsEnd: [0, 0] }),
  of("around nothing", [0, 2], { padsBegin: [1, 0], padsEnd: [2, 1], value: 4 }),
  of("to nothing", [2, 3], { padsBegin: [-2, 0], padsEnd: [0, 0] }),
  of("scalar", [], { padsBegin: [], padsEnd: [] }),
];
