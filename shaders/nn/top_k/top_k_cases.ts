import { hostTensor, randomTensor, tensorOf } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { TopKOptions } from "./top_k.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<TopKOptions>,
  dtype: DType = "f32",
  most = 9,
): Case<TopKOptions> => ({
  name,
  inputs: () => [randomTensor(shape, { seed: 8, dtype, min: dtype.startsWith("u") ? 0 : -most, max: most })],
  options,
});

/** Inputs and options worth trying. */
export const topKCases: Case<TopKOptions>[] = [
  of("some of a line", [3, 11], { k: 4 }),
  of("the least of a middle axis", [2, 7, 5], { k: 3, axis: 1, largest: false }),
  of("all of equal elements keep their order", [3, 40], { k: 40 }, "i8"),
  of("short lines", [70, 2, 3], { k: 1, axis: 1 }, "i64"),
  of("one element per line", [5, 1], { k: 1 }),
  of("lines of half a workgroup", [3, 300], { k: 300, largest: false }, "u32", 4e9),
  of("lines of a workgroup", [2, 512], { k: 512 }),
  of("lines beyond a workgroup", [2, 513], { k: 513 }, "i32", 300),
  of("long lines", [2, 5000], { k: 100 }),
  of("one long line, all of it", [3001], { k: 3001, axis: 0, largest: false }, "f32", 1e30),
  {
    name: "scores of a long line that are 1 but for a few",
    inputs: () => [tensorOf([2, 2500], (i) => i % 7 === 0 ? 1 - 2 ** -24 : 1)],
    options: { k: 2300 },
  },
  of("nothing is asked for", [4, 3], { k: 0 }),
  of("no lines", [0, 3], { k: 2 }),
  {
    name: "NaN, infinities and zeros of both signs",
    inputs: () => [hostTensor([1, NaN, -Infinity, -0, 0, Infinity, -1, NaN], [8])],
    options: { k: 8, axis: 0 },
  },
  {
    name: "NaN comes last of the least",
    inputs: () => [hostTensor([1, NaN, -Infinity, 0, -0, Infinity, -1], [7])],
    options: { k: 7, axis: 0, largest: false },
  },
];
