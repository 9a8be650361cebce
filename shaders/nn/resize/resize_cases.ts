import type { Case } from "../../contract.ts";
import { brokenInputs, inputsOf } from "../random_inputs.ts";
import type { ResizeOptions } from "./resize.ts";

const of = (name: string, shape: readonly number[], options: Partial<ResizeOptions>): Case<ResizeOptions> => ({
  name,
  inputs: inputsOf(shape),
  options,
});

const coordinates = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "asymmetric",
  "align_corners",
] as const;
const nearestModes = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const;

/** Inputs and options worth trying. */
export const resizeCases: Case<ResizeOptions>[] = [
  ...coordinates.flatMap((coordinates) => [
    of(`linear, ${coordinates}, larger`, [1, 5, 4, 3], { mode: "linear", coordinates, sizes: [1, 5, 7, 10] }),
    of(`linear, ${coordinates}, smaller`, [1, 4, 9, 8], { mode: "linear", coordinates, scales: [1, 1, 0.6, 0.55] }),
    of(`linear, ${coordinates}, to one pixel`, [1, 4, 5, 4], { mode: "linear", coordinates, sizes: [1, 4, 1, 1] }),
    ...nearestModes.map((nearestMode) =>
      of(`nearest, ${coordinates}, ${nearestMode}`, [1, 3, 5, 4], { coordinates, nearestMode, sizes: [1, 3, 8, 3] })
    ),
  ]),
  of("nearest, twice", [2, 6, 3, 5], { coordinates: "asymmetric", nearestMode: "floor", scales: [1, 1, 2, 2] }),
  of("linear, twice, then relu", [2, 6, 3, 5], { mode: "linear", scales: [1, 1, 2, 2], epilogue: [{ op: "relu" }] }),
  {
    name: "volume, linear, twice, batch, then add",
    inputs: inputsOf([2, 5, 3, 9, 4], [2, 5, 6, 18, 8]),
    options: { mode: "linear", scales: [1, 1, 2, 2, 2], epilogue: [{ op: "add" }] },
  },
  of("slices of a volume, linear, twice", [1, 9, 3, 5, 6], { mode: "linear", scales: [1, 1, 1, 2, 2] }),
  of("volume of one voxel, linear, twice", [1, 3, 1, 1, 1], { mode: "linear", sizes: [1, 3, 2, 2, 2] }),
  ...coordinates.map((coordinates) =>
    of(`linear, ${coordinates}, twice`, [1, 4, 3, 5], { mode: "linear", coordinates, scales: [1, 1, 2, 2] })
  ),
  {
    name: "volume, linear, twice, of NaN and infinity",
    inputs: brokenInputs(41, [1, 5, 4, 3, 6]),
    options: { mode: "linear", coordinates: "pytorch_half_pixel", scales: [1, 1, 2, 2, 2] },
  },
  of("volume, linear", [1, 3, 3, 4, 5], { mode: "linear", sizes: [1, 3, 5, 7, 4] }),
  of("volume, nearest", [1, 3, 2, 3, 4], { sizes: [1, 3, 4, 6, 8] }),
  {
    name: "linear, of NaN and infinity",
    inputs: brokenInputs(13, [1, 5, 4, 6]),
    options: { mode: "linear", scales: [1, 1, 2, 1], epilogue: [{ op: "relu" }] },
  },
  of("one axis", [1, 2, 5], { mode: "linear", sizes: [1, 2, 12] }),
  of("leading axes", [3, 4, 5], { mode: "linear", sizes: [5, 7, 5] }),
  of("channels and batch as well", [2, 3, 4, 5], { mode: "linear", sizes: [3, 5, 6, 7] }),
  of("an image without channels", [5, 6], { sizes: [10, 3] }),
  of("nothing changes", [1, 2, 3, 3], { sizes: [1, 2, 3, 3] }),
  of("empty", [0, 2, 3, 3], { sizes: [0, 2, 6, 6] }),
  {
    name: "then add",
    inputs: inputsOf([1, 4, 2, 3], [1, 4, 4, 6]),
    options: { scales: [1, 1, 2, 2], epilogue: [{ op: "add" }] },
  },
];
