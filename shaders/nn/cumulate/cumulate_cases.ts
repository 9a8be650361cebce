import { randomTensor } from "../../cases.ts";
import type { Case, DType } from "../../contract.ts";
import type { CumulateOptions } from "./cumulate.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<CumulateOptions>,
  dtype: DType = "f32",
): Case<CumulateOptions> => ({
  name,
  inputs: () => [
    randomTensor(shape, {
      seed: 6,
      dtype,
      min: options.kind === "product" ? 0.9 : dtype === "u32" ? 0 : -3,
      max: options.kind === "product" ? 1.1 : 3,
    }),
  ],
  options,
});

const ways: Partial<CumulateOptions>[] = [{}, { exclusive: true }, { reverse: true }, {
  exclusive: true,
  reverse: true,
}];

/** Inputs and options worth trying. */
export const cumulateCases: Case<CumulateOptions>[] = [
  ...ways.flatMap((way) => {
    const name = `exclusive ${way.exclusive ?? false}, reverse ${way.reverse ?? false}`;
    return [
      of(`${name}, middle axis`, [3, 7, 5], { axis: 1, ...way }),
      of(`${name}, in chunks`, [2, 1301], { axis: -1, ...way }),
      of(`${name}, in chunks of i32`, [1, 600, 3], { axis: 1, ...way }, "i32"),
      of(`${name}, products`, [4, 40], { kind: "product", axis: 1, ...way }),
    ];
  }),
  of("in chunks of chunks", [140_000], {}, "i64"),
  of("u32", [5], {}, "u32"),
  of("one element", [1, 1], { axis: 1, exclusive: true }),
  of("empty", [0, 3], {}),
];
