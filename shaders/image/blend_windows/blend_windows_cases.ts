import type { Case } from "../../contract.ts";
import { randomTensor } from "../../cases.ts";
import { type BlendWindowsOptions, windowStarts } from "./blend_windows.ts";

type Triple = [number, number, number];

const cases: readonly [name: string, channels: number, size: Triple, side: Triple, overlap: number][] = [
  ["windows that overlap by half", 3, [9, 13, 11], [4, 6, 5], 0.5],
  ["a last window that overlaps more", 1, [7, 10, 9], [4, 4, 4], 0.25],
  ["windows beside each other", 2, [4, 6, 8], [2, 3, 4], 0],
  ["one window", 5, [3, 4, 5], [3, 4, 5], 0.5],
  ["one slice", 1, [1, 9, 9], [1, 4, 4], 0.5],
  ["windows of a voxel", 1, [2, 2, 3], [1, 1, 1], 0.5],
];

/** Cases of `blendWindows`. */
export const blendWindowsCases: readonly Case<BlendWindowsOptions>[] = cases.map(
  ([name, channels, size, side, overlap]) => {
    const starts = size.map((length, axis) =>
      windowStarts(length, side[axis], overlap)
    ) as BlendWindowsOptions["starts"];
    const count = starts.reduce((product, list) => product * list.length, 1);
    return {
      name,
      inputs: () =>
        Array.from(
          { length: count },
          (_, n) => randomTensor([1, channels, ...side], { seed: 70 + n, min: -5, max: 5 }),
        ),
      options: { size, starts },
    };
  },
);
