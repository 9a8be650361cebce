import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import type { ResizeLabelsOptions } from "./resize_labels.ts";

const of = (
  name: string,
  shape: readonly number[],
  options: Partial<ResizeLabelsOptions>,
  seed = 5,
): Case<ResizeLabelsOptions> => ({
  name,
  inputs: () => [randomTensor(shape, { seed, min: -1 })],
  options,
});

/** Inputs and options worth trying. */
export const resizeLabelsCases: Case<ResizeLabelsOptions>[] = [
  of("an image, larger", [1, 3, 5, 7], { sizes: [13, 29] }),
  of("an image, smaller", [1, 5, 9, 19], { scales: [0.6, 0.5] }),
  of("a volume, larger", [1, 6, 3, 4, 5], { sizes: [7, 9, 21] }),
  of("a volume, thinner", [1, 4, 6, 5, 4], { sizes: [2, 11, 3] }),
  of("one axis", [2, 3, 11], { sizes: [40] }),
  of("a batch of images", [3, 4, 4, 5], { sizes: [9, 17] }),
  of("a batch of volumes, aligned corners", [2, 3, 2, 3, 4], { sizes: [5, 6, 9], coordinates: "align_corners" }),
  of("nearest", [1, 9, 4, 5], { sizes: [11, 8], mode: "nearest" }),
  of("nearest volume, as u8", [1, 2, 3, 4, 5], {
    scales: [2, 2, 2],
    mode: "nearest",
    coordinates: "asymmetric",
    nearestMode: "floor",
    dtype: "u8",
  }),
  of("at the same size, as f32", [1, 3, 6, 10], { sizes: [6, 10], dtype: "f32" }),
  of("a threshold of one map", [1, 1, 5, 6], { sizes: [11, 13], threshold: 0.1, dtype: "f32" }),
  of("a threshold, as bool", [1, 1, 4, 5, 6], { sizes: [6, 9, 10], threshold: 0, dtype: "bool" }),
  of("regions that overlap", [1, 3, 4, 9], { sizes: [9, 20], threshold: -0.2 }),
  of("padded first", [1, 3, 4, 6], { fitted: [9, 15], sizes: [20, 31] }),
  of("cropped first", [1, 3, 9, 15], { fitted: [4, 6], sizes: [7, 13] }),
  of("padded and cropped volume, nearest", [1, 3, 4, 9, 5], { fitted: [7, 4, 5], sizes: [9, 9, 9], mode: "nearest" }),
  of("padded volume, a threshold below 0", [1, 1, 3, 3, 3], { fitted: [6, 5, 4], sizes: [6, 9, 9], threshold: -0.3 }),
  of("one label", [1, 1, 2, 3], { sizes: [5, 6] }),
  of("one element", [1, 4, 1, 1], { sizes: [1, 1] }),
  of("no elements", [0, 2, 3, 3], { sizes: [6, 6] }),
  of("to no elements", [1, 2, 3, 3], { sizes: [0, 6] }),
  {
    name: "NaN is the greatest, equal maps and zeros of both signs go to the first",
    inputs: () => [hostTensor([1, NaN, 0, -0, 2, 2, Infinity, 3, -0, 0, -Infinity, 2], [1, 3, 1, 4])],
    options: { sizes: [1, 4] },
  },
  {
    name: "NaN is above no threshold, infinity is",
    inputs: () => [hostTensor([NaN, Infinity, -Infinity, 0.25], [1, 1, 1, 4])],
    options: { sizes: [2, 4], threshold: 0.25 },
  },
];
