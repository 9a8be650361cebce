import { filledTensor, randomTensor, tensorOf } from "../cases.ts";
import type { HostTensor } from "../contract.ts";
import type { Border } from "./border.ts";

/** All borders. */
export const borders: readonly Border[] = ["reflect", "mirror", "nearest", "constant", "wrap"];

/** Images and volumes that every filter is tried on: ragged and whole widths, one pixel, thin, several channels, empty. */
export const images: Readonly<Record<string, () => HostTensor>> = {
  ragged: () => randomTensor([1, 37, 53], { seed: 3 }),
  channels: () => randomTensor([3, 20, 64], { seed: 4, min: -1000, max: 3000 }),
  pixel: () => randomTensor([1, 1, 1], { seed: 5 }),
  row: () => randomTensor([1, 1, 37], { seed: 6 }),
  column: () => randomTensor([2, 41, 1], { seed: 7 }),
  small: () => randomTensor([1, 3, 5], { seed: 8 }),
  volume: () => randomTensor([1, 9, 11, 13], { seed: 9 }),
  volumes: () => randomTensor([2, 6, 10, 30], { seed: 10, min: -1, max: 1 }),
  slice: () => randomTensor([1, 1, 12, 17], { seed: 11 }),
  empty: () => filledTensor([1, 0, 7], 0),
  emptyVolume: () => filledTensor([0, 3, 4, 5], 0),
};

/** Values that are hard on sums and comparisons: a constant, an impulse, ties, extremes of f32, signed zeros. */
export const hardImages: Readonly<Record<string, () => HostTensor>> = {
  constant: () => filledTensor([1, 30, 44], 0.37),
  impulse: () => tensorOf([1, 21, 24], (index) => index === 10 * 24 + 11 ? 1 : 0),
  ties: () => tensorOf([1, 33, 40], (index) => (index * index * 7 + index) % 4),
  extremes: () => tensorOf([1, 16, 20], (index) => [1e30, -1e30, 1e-30, 0, -0, 65504, -1024.5][(index * 11) % 7]),
};
