import type { Case } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { JoinedConvolutionOptions } from "./joined_convolution.ts";

const same = { padsBegin: [1, 1], padsEnd: [1, 1] };
const same3 = { padsBegin: [1, 1, 1], padsEnd: [1, 1, 1] };

/** A map as it is, a normalized one, and one that is doubled. */
const plain = { doublings: 0, normalized: false };
const normal = { doublings: 0, normalized: true };
const doubled = { doublings: 1, normalized: false };

const of = (
  name: string,
  shapes: readonly (readonly number[])[],
  options: Partial<JoinedConvolutionOptions>,
): Case<JoinedConvolutionOptions> => ({ name, inputs: inputsOf(...shapes), options });

/** Inputs and options worth trying. */
export const joinedConvolutionCases: Case<JoinedConvolutionOptions>[] = [
  of("normalized, batch, ragged channels", [[2, 6, 9, 11], [2, 3, 6], [5, 6, 3, 3], [5]], {
    ...same,
    maps: [normal],
    activation: [{ op: "leakyRelu", alpha: 0.1 }],
    epilogue: [{ op: "relu" }],
  }),
  of("normalized volume, then add", [[1, 10, 5, 6, 9], [1, 3, 10], [7, 10, 3, 3, 3], [7], [1, 7, 5, 6, 9]], {
    ...same3,
    maps: [normal],
    activation: [{ op: "relu" }],
    epilogue: [{ op: "add" }],
  }),
  of("normalized, stride 2", [[1, 9, 9, 8], [1, 3, 9], [9, 9, 3, 3], [9]], {
    ...same,
    strides: [2, 2],
    maps: [normal],
    activation: [{ op: "silu" }],
  }),
  of("normalized, 1x1x1, one pixel", [[1, 5, 1, 1, 1], [1, 3, 5], [4, 5, 1, 1, 1]], { maps: [normal] }),
  of("doubled", [[1, 5, 5, 7], [6, 5, 3, 3], [6]], { ...same, maps: [doubled] }),
  of("doubled, even pads", [[1, 5, 5, 7], [6, 5, 3, 3], [6]], { padsBegin: [0, 2], padsEnd: [1, 0], maps: [doubled] }),
  of("doubled twice, volume, batch", [[2, 3, 1, 2, 3], [4, 3, 3, 3, 3], [4]], {
    ...same3,
    maps: [{ doublings: 2, normalized: false }],
  }),
  of("a doubled and another map, batch", [[2, 4, 9, 7], [2, 6, 18, 14], [6, 10, 3, 3], [6]], {
    ...same,
    maps: [doubled, plain],
  }),
  of("a doubled map of whole chunks and another, ragged tiles, batch", [[2, 8, 5, 7], [2, 6, 10, 14], [6, 14, 3, 3], [
    6,
  ]], {
    ...same,
    maps: [doubled, plain],
  }),
  of("another map and a doubled one of whole chunks, pads of 3", [[1, 8, 8, 10], [1, 13, 4, 5], [18, 21, 3, 3], [18]], {
    padsBegin: [3, 1],
    padsEnd: [0, 2],
    maps: [plain, doubled],
    epilogue: [{ op: "relu" }],
  }),
  of("a doubled map of whole chunks and another, many tiles", [[1, 8, 10, 9], [1, 6, 20, 18], [6, 14, 3, 3], [6]], {
    ...same,
    maps: [doubled, plain],
  }),
  of("two doubled volumes, one normalized", [[1, 8, 2, 3, 5], [1, 3, 8], [1, 9, 2, 3, 5], [5, 17, 3, 3, 3]], {
    ...same3,
    maps: [{ doublings: 1, normalized: true }, doubled],
    activation: [{ op: "relu" }],
  }),
  {
    name: "a doubled map and another, of NaN and infinity",
    inputs: brokenInputs(53, [1, 8, 6, 5], [1, 5, 12, 10], [6, 13, 3, 3]),
    options: { ...same, maps: [doubled, plain] },
  },
  of("another and a doubled map, unequal pads", [[1, 12, 6, 8], [1, 7, 3, 4], [5, 19, 3, 3]], {
    padsBegin: [2, 0],
    padsEnd: [1, 3],
    maps: [plain, doubled],
  }),
  of("a plain and a normalized volume", [[1, 8, 6, 4, 5], [1, 5, 6, 4, 5], [1, 3, 5], [6, 13, 3, 3, 3], [6]], {
    ...same3,
    maps: [plain, normal],
    activation: [{ op: "relu" }],
  }),
  of("two normalized maps, one doubled, batch", [[2, 8, 3, 4], [2, 3, 8], [2, 6, 6, 8], [2, 3, 6], [4, 14, 3, 3]], {
    ...same,
    maps: [{ doublings: 1, normalized: true }, normal],
    activation: [{ op: "relu" }],
  }),
  of("a first map that ends within a texel", [[1, 6, 7, 10], [1, 5, 7, 10], [6, 11, 1, 1]], { maps: [plain, plain] }),
  of("empty batch", [[0, 4, 8, 8], [0, 4, 8, 8], [4, 8, 3, 3], [4]], { ...same, maps: [plain, plain] }),
  {
    name: "normalized and another, of NaN and infinity",
    inputs: brokenInputs(97, [1, 8, 12, 11], [1, 3, 8], [1, 5, 12, 11], [6, 13, 3, 3]),
    options: { ...same, maps: [normal, plain], activation: [{ op: "relu" }] },
  },
];
