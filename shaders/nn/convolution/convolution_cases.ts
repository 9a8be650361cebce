import type { Case } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { ConvolutionOptions } from "./convolution.ts";

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  options: Partial<ConvolutionOptions> = {},
): Case<ConvolutionOptions> => ({ name, inputs: inputsOf(...shapes), options });

const same = { padsBegin: [1, 1], padsEnd: [1, 1] };

/** NaN and infinities, and an activation behind them. */
const broken = (
  name: string,
  shapes: readonly (readonly number[])[],
  options: Partial<ConvolutionOptions>,
): Case<ConvolutionOptions> => ({ name: `${name}, of NaN and infinity`, inputs: brokenInputs(97, ...shapes), options });

/** Inputs and options worth trying. */
export const convolutionCases: Case<ConvolutionOptions>[] = [
  of("3x3, padded, ragged", [[1, 5, 9, 11], [6, 5, 3, 3], [6]], same),
  of("3x3, no pads, four by four", [[1, 4, 6, 6], [4, 4, 3, 3]]),
  of("3x3, one channel, batch", [[2, 1, 8, 13], [8, 1, 3, 3], [8]], { ...same, epilogue: [{ op: "relu" }] }),
  of("3x3, three channels", [[1, 3, 7, 12], [4, 3, 3, 3], [4]], same),
  of("3x3, unequal pads", [[1, 8, 6, 7], [3, 8, 3, 3]], { padsBegin: [2, 0], padsEnd: [1, 3] }),
  of("3x3, then leakyRelu and add", [[1, 4, 5, 6], [4, 4, 3, 3], [4], [1, 4, 5, 6]], {
    ...same,
    epilogue: [{ op: "add" }, { op: "leakyRelu", alpha: 0.1 }],
  }),
  of("3x3, smaller than a tile", [[1, 4, 3, 5], [4, 4, 3, 3]], same),
  of("3x3, many output channels of few tiles", [[1, 9, 8, 7], [131, 9, 3, 3], [131]], same),
  of("3x3, output channels of nine tiles", [[1, 17, 11, 12], [70, 17, 3, 3]], same),
  of("3x3x3", [[1, 4, 3, 5, 6], [5, 4, 3, 3, 3], [5]], { padsBegin: [1, 1, 1], padsEnd: [1, 1, 1] }),
  of("1x3x3", [[2, 4, 3, 4, 4], [4, 4, 1, 3, 3]], { padsBegin: [0, 1, 1], padsEnd: [0, 1, 1] }),
  of("1x1, many channels", [[1, 20, 7, 9], [19, 20, 1, 1], [19]], { epilogue: [{ op: "clip", min: 0, max: 1 }] }),
  of("1x1, stride 2, batch", [[2, 8, 9, 7], [4, 8, 1, 1]], { strides: [2, 2] }),
  of("1x1, one pixel", [[1, 12, 1, 1], [5, 12, 1, 1], [5]], { epilogue: [{ op: "sigmoid" }] }),
  of("1x1, padded", [[1, 4, 3, 3], [4, 4, 1, 1], [4]], same),
  of("3x3, stride 2", [[1, 6, 9, 8], [9, 6, 3, 3], [9]], { ...same, strides: [2, 2], epilogue: [{ op: "silu" }] }),
  of("3x3, dilation 2", [[1, 4, 9, 9], [4, 4, 3, 3]], { dilations: [2, 2], padsBegin: [2, 2], padsEnd: [2, 2] }),
  of("7x7, stride 2", [[1, 3, 17, 16], [8, 3, 7, 7], [8]], { strides: [2, 2], padsBegin: [3, 3], padsEnd: [3, 3] }),
  of("5x3, unequal strides", [[1, 2, 8, 9], [3, 2, 5, 3]], { strides: [1, 3], padsBegin: [2, 0], padsEnd: [1, 2] }),
  of("negative pads", [[1, 2, 8, 9], [3, 2, 3, 3]], { padsBegin: [-1, 0], padsEnd: [0, -2] }),
  of("one axis", [[2, 3, 17], [5, 3, 4], [5]], { strides: [2], padsBegin: [1], padsEnd: [2] }),
  of("three axes, stride 2, dilation", [[1, 3, 6, 7, 8], [4, 3, 2, 3, 2]], {
    strides: [2, 1, 2],
    dilations: [1, 2, 1],
    padsBegin: [1, 2, 0],
    padsEnd: [0, 1, 1],
  }),
  of("depthwise", [[2, 6, 9, 7], [6, 1, 3, 3], [6]], { ...same, groups: 6, epilogue: [{ op: "hardSwish" }] }),
  of("depthwise, stride 2, 5x5", [[1, 8, 9, 7], [8, 1, 5, 5]], {
    groups: 8,
    strides: [2, 2],
    padsBegin: [2, 2],
    padsEnd: [2, 2],
  }),
  of("depthwise, three axes", [[1, 5, 4, 5, 6], [5, 1, 3, 3, 3]], {
    groups: 5,
    padsBegin: [1, 1, 1],
    padsEnd: [1, 1, 1],
  }),
  of("channel multiplier", [[1, 3, 5, 5], [6, 1, 3, 3], [6]], { ...same, groups: 3 }),
  of("groups", [[2, 6, 5, 7], [8, 3, 3, 3], [8], [2, 8, 5, 7]], {
    ...same,
    groups: 2,
    epilogue: [{ op: "add" }, { op: "relu" }],
  }),
  of("groups, one axis, dilation", [[1, 4, 11], [4, 2, 3]], { groups: 2, dilations: [3] }),
  of("empty batch", [[0, 3, 8, 8], [4, 3, 3, 3], [4]], same),
  of("no output", [[1, 3, 2, 2], [4, 3, 3, 3]]),
  of("no channels", [[1, 0, 4, 4], [2, 0, 3, 3], [2]], same),
  of("3x3, more than a block of tiles, batch", [[2, 9, 37, 35], [18, 9, 3, 3], [18]], same),
  of("3x3, many channels", [[1, 512, 9, 10], [20, 512, 3, 3], [20]], { ...same, epilogue: [{ op: "relu" }] }),
  of("3x3x3, batch, pads along z", [[2, 10, 5, 13, 9], [7, 10, 3, 3, 3]], { padsBegin: [2, 1, 0], padsEnd: [1, 1, 2] }),
  of("3x3x3, slices of four tiles", [[1, 9, 9, 8, 7], [6, 9, 3, 3, 3]], { padsBegin: [1, 1, 1], padsEnd: [1, 1, 1] }),
  of("3x3x3, slices of three tiles, batch, pads along z", [[2, 5, 6, 12, 4], [9, 5, 3, 3, 3], [9]], {
    padsBegin: [2, 1, 1],
    padsEnd: [0, 1, 1],
  }),
  of("3x3x3, slices of two tiles, no pads along z", [[1, 4, 35, 3, 8], [5, 4, 3, 3, 3]], {
    padsBegin: [0, 1, 1],
    padsEnd: [0, 1, 1],
  }),
  of("3x3x3, slices of one tile, batch", [[3, 8, 13, 4, 3], [8, 8, 3, 3, 3]], {
    padsBegin: [1, 1, 1],
    padsEnd: [1, 1, 1],
  }),
  broken("3x3, relu", [[1, 5, 12, 11], [6, 5, 3, 3], [6]], { ...same, epilogue: [{ op: "relu" }] }),
  broken("3x3, all tiles whole, add", [[1, 5, 16, 16], [6, 5, 3, 3], [6], [1, 6, 16, 16]], {
    ...same,
    epilogue: [{ op: "add" }],
  }),
  broken("3x3x3, all tiles whole", [[1, 5, 4, 8, 16], [6, 5, 3, 3, 3], [6]], {
    padsBegin: [1, 1, 1],
    padsEnd: [1, 1, 1],
  }),
  broken("1x1 of an odd number of blocks, clip", [[2, 10, 7, 9], [7, 10, 1, 1]], {
    epilogue: [{ op: "clip", min: -0.5, max: 0.5 }],
  }),
  broken("stride 2, sigmoid", [[1, 12, 9, 8], [5, 12, 3, 3], [5]], { strides: [2, 2], epilogue: [{ op: "sigmoid" }] }),
  broken("5x5, silu", [[1, 4, 9, 8], [3, 4, 5, 5]], { epilogue: [{ op: "silu" }] }),
  broken("depthwise, leakyRelu", [[1, 6, 9, 7], [6, 1, 3, 3], [6]], {
    ...same,
    groups: 6,
    epilogue: [{ op: "leakyRelu", alpha: 0.1 }],
  }),
  broken("groups, hardSwish", [[1, 4, 9, 7], [6, 2, 3, 3]], { groups: 2, epilogue: [{ op: "hardSwish" }] }),
  {
    name: "infinite weights and biases",
    inputs: () => {
      const [x, weight, bias] = inputsOf([1, 5, 6, 6], [6, 5, 3, 3], [6])();
      weight.data[48] = Infinity;
      bias.data[5] = -Infinity;
      return [x, weight, bias];
    },
    options: { ...same, epilogue: [{ op: "relu" }] },
  },
  of("a long sum, split", [[1, 33000, 1, 1], [4, 16500, 1, 2]], { groups: 2, padsBegin: [0, 1] }),
];
