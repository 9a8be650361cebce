import type { Case } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { ConvolutionTransposeOptions } from "./convolution_transpose.ts";

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  options: Partial<ConvolutionTransposeOptions> = {},
): Case<ConvolutionTransposeOptions> => ({ name, inputs: inputsOf(...shapes), options });

/** Inputs and options worth trying. */
export const convolutionTransposeCases: Case<ConvolutionTransposeOptions>[] = [
  of("2x2, stride 2", [[1, 8, 5, 6], [8, 6, 2, 2], [6]], { strides: [2, 2], epilogue: [{ op: "relu" }] }),
  of("2x2, stride 2, batch, many channels", [[2, 5, 3, 4], [5, 17, 2, 2]], { strides: [2, 2] }),
  of("2x2x2, stride 2", [[1, 4, 3, 2, 3], [4, 4, 2, 2, 2], [4]], { strides: [2, 2, 2] }),
  of("3x3, stride 1, padded", [[1, 3, 5, 4], [3, 4, 3, 3], [4]], { padsBegin: [1, 1], padsEnd: [1, 1] }),
  of("3x3, stride 2, output padding", [[1, 4, 4, 5], [4, 3, 3, 3], [3]], {
    strides: [2, 2],
    padsBegin: [1, 1],
    padsEnd: [1, 1],
    outputPadding: [1, 0],
  }),
  of("4x4, stride 2", [[1, 6, 4, 3], [6, 5, 4, 4], [5]], { strides: [2, 2], padsBegin: [1, 1], padsEnd: [1, 1] }),
  of("kernel below the stride", [[1, 2, 3, 3], [2, 3, 1, 2], [3]], { strides: [2, 3], outputPadding: [1, 0] }),
  of("unequal pads and strides, add", [[1, 2, 4, 5], [2, 3, 3, 4], [3], [1, 3, 9, 7]], {
    strides: [3, 1],
    padsBegin: [2, 0],
    padsEnd: [1, 1],
    outputPadding: [0, 0],
    epilogue: [{ op: "add" }, { op: "silu" }],
  }),
  of("pads below 0, strides beyond the result", [[1, 2, 2, 1], [2, 3, 2, 2], [3]], {
    strides: [3, 4],
    padsBegin: [-1, -2],
    padsEnd: [2, 1],
  }),
  of("one axis", [[2, 3, 7], [3, 2, 5], [2]], { strides: [3], padsBegin: [1], outputPadding: [2] }),
  of("dilation", [[1, 2, 4, 4], [2, 3, 3, 2]], { strides: [2, 1], dilations: [2, 3] }),
  of("groups", [[1, 6, 3, 4], [6, 2, 3, 3], [4]], { groups: 2, strides: [2, 2], padsBegin: [1, 1], padsEnd: [0, 1] }),
  {
    name: "2x2, stride 2, relu, of NaN and infinity",
    inputs: brokenInputs(31, [1, 10, 5, 6], [10, 6, 2, 2], [6]),
    options: { strides: [2, 2], epilogue: [{ op: "relu" }] },
  },
  of("one channel, one pixel", [[1, 1, 1, 1], [1, 1, 3, 3]], { strides: [2, 2] }),
  of("empty batch", [[0, 2, 3, 3], [2, 2, 2, 2]], { strides: [2, 2] }),
];
