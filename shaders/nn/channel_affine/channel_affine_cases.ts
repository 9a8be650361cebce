import type { Case } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { ChannelAffineOptions } from "./channel_affine.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<ChannelAffineOptions> = {},
  ...added: number[][]
): Case<ChannelAffineOptions> => ({
  name,
  inputs: inputsOf(shape, [shape[1]], [shape[1]], ...added),
  options,
});

/** Inputs and options worth trying. */
export const channelAffineCases: Case<ChannelAffineOptions>[] = [
  of("map, ragged", [2, 5, 7, 9], { epilogue: [{ op: "relu" }] }),
  of("map of many rows", [1, 4, 37, 3]),
  of("volume", [1, 6, 3, 4, 5], { epilogue: [{ op: "add" }, { op: "leakyRelu", alpha: 0.2 }] }, [1, 6, 3, 4, 5]),
  of("one axis", [2, 3, 11]),
  of("no spatial axes", [4, 7]),
  {
    name: "map of NaN and infinity",
    inputs: brokenInputs(13, [1, 5, 7, 9], [5], [5]),
    options: { epilogue: [{ op: "relu" }] },
  },
  of("empty", [0, 3, 2, 2]),
];
