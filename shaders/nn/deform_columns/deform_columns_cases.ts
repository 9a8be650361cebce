import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { DeformColumnsOptions } from "./deform_columns.ts";

const of = (
  name: string,
  shape: readonly number[],
  output: readonly number[],
  options: Partial<DeformColumnsOptions> & { kernel: readonly number[] },
  masked = false,
): Case<DeformColumnsOptions> => ({
  name,
  inputs: () => {
    const moved = (options.offsetGroups ?? 1) * options.kernel[0] * options.kernel[1];
    const offset = randomTensor([shape[0], 2 * moved, ...output], { seed: 2, min: -2.5, max: 2.5 });
    const mask = randomTensor([shape[0], moved, ...output], { seed: 3 });
    return [randomTensor(shape, { seed: 1, min: -1, max: 1 }), offset, ...masked ? [mask] : []];
  },
  options,
});

/** Inputs and options worth trying. */
export const deformColumnsCases: Case<DeformColumnsOptions>[] = [
  of("plain", [1, 2, 5, 6], [3, 4], { kernel: [3, 3] }),
  of("with a mask", [2, 3, 5, 4], [4, 3], { kernel: [2, 2] }, true),
  of("groups, pads, strides and dilations", [2, 4, 7, 9], [3, 4], {
    kernel: [3, 2],
    strides: [2, 3],
    dilations: [2, 1],
    padsBegin: [1, 2],
    offsetGroups: 2,
  }, true),
  of("one pixel", [1, 1, 1, 1], [1, 1], { kernel: [1, 1] }),
  of("empty", [0, 2, 4, 4], [3, 3], { kernel: [2, 2] }),
];
