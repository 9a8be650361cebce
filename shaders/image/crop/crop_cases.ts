import type { Case, HostTensor } from "../../contract.ts";
import { hostTensor, randomTensor } from "../../cases.ts";
import type { CropOptions } from "./crop.ts";

const image = (shape: number[]): HostTensor => randomTensor(shape, { seed: 20, min: -1 });
const boxes = (...values: number[]): HostTensor => hostTensor(values, [values.length / 4, 4]);

/** Cases of `crop`. */
export const cropCases: readonly Case<CropOptions>[] = [
  { name: "pixel by pixel", inputs: () => [image([2, 20, 24]), boxes(3, 5, 11, 15)], options: { size: [10, 8] } },
  { name: "enlarged", inputs: () => [image([1, 37, 53]), boxes(10, 4, 34, 28)], options: { size: [128, 128] } },
  {
    name: "beyond the borders",
    inputs: () => [image([1, 30, 30]), boxes(-7, -9, 40, 38)],
    options: { size: [31, 17] },
  },
  {
    name: "fractions and several boxes",
    inputs: () => [image([1, 64, 61]), boxes(3.25, 5.5, 11.125, 15.75, 20.3, 0.1, 60.9, 63.7, -5.5, -5.5, 2.5, 2.5)],
    options: { size: [16, 20] },
  },
  {
    name: "empty boxes beside a full one",
    inputs: () => [image([1, 9, 9]), boxes(0, 0, 0, 0, 2, 2, 5, 5, 4, 1, 2, 8, 1, 7, 5, 7)],
    options: { size: [4, 4] },
  },
  { name: "far outside", inputs: () => [image([1, 9, 9]), boxes(100, 100, 110, 110)], options: { size: [3, 3] } },
  { name: "one pixel", inputs: () => [image([1, 1, 1]), boxes(0, 0, 1, 1)], options: { size: [1, 1] } },
  { name: "no boxes", inputs: () => [image([1, 9, 9]), boxes()], options: { size: [8, 8] } },
];
