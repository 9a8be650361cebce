import type { Case } from "../../contract.ts";
import { inputsOf } from "../random_inputs.ts";
import type { ColumnsToImageOptions } from "./columns_to_image.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: ColumnsToImageOptions,
): Case<ColumnsToImageOptions> => ({ name, inputs: inputsOf(shape), options });

/** Inputs and options worth trying. */
export const columnsToImageCases: Case<ColumnsToImageOptions>[] = [
  of("apart", [2, 5, 5], { sizes: [5, 5], kernel: [1, 5] }),
  of("overlapping", [1, 12, 12], { sizes: [4, 5], kernel: [2, 2] }),
  of("strides and pads", [2, 9, 9], {
    sizes: [5, 5],
    kernel: [3, 3],
    strides: [2, 2],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
  }),
  of("dilations and uneven pads", [1, 8, 16], {
    sizes: [5, 4],
    kernel: [2, 2],
    dilations: [2, 1],
    padsBegin: [0, 1],
    padsEnd: [1, 0],
  }),
  of("signal", [1, 6, 4], { sizes: [9], kernel: [3], strides: [2] }),
  of("volume", [1, 8, 18], { sizes: [3, 4, 4], kernel: [2, 2, 2] }),
  of("no batch", [0, 4, 9], { sizes: [4, 4], kernel: [2, 2] }),
];
