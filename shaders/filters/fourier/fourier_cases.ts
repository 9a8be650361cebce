import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { images } from "../image_cases.ts";
import type { FourierOptions } from "./fourier.ts";

/**
 * Lengths of one to three passes and of every step (1, 2, 3, 4, 5, 8), of primes, of a prime times small factors, and of
 * several convenient lengths for Bluestein's form.
 */
export const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 16, 30, 37, 53, 60, 64, 75, 97, 1000, 1024] as const;

/** Some of them, for the other ways into the same passes. */
export const fewLengths = [1, 2, 3, 7, 16, 37, 60] as const;

/** Cases of {@linkcode fourier}. */
export const fourierCases: readonly Case<FourierOptions>[] = [
  ...Object.entries(images).map(([name, inputs]) => ({
    name,
    inputs: () => [inputs()],
    options: {},
  })),
  ...lengths.flatMap((length) => [
    {
      name: `rows of ${length}`,
      inputs: () => [randomTensor([1, 5, length], { seed: length, min: -1 })],
      options: { dimensions: 1 as const },
    },
    {
      name: `complex columns of ${length}`,
      inputs: () => [randomTensor([2, 1, length, 3], { seed: length + 1, min: -1 })],
      options: { complex: true },
    },
  ]),
  ...fewLengths.map((length) => ({
    name: `columns of ${length}`,
    inputs: () => [randomTensor([1, length, 5], { seed: length + 2, min: -1 })],
    options: {},
  })),
  { name: "complex", inputs: () => [randomTensor([2, 2, 11, 30], { seed: 60, min: -1 })], options: { complex: true } },
  {
    name: "complex volume",
    inputs: () => [randomTensor([2, 2, 7, 6, 5], { seed: 61, min: -1 })],
    options: { complex: true },
  },
  {
    name: "complex rows of a volume",
    inputs: () => [randomTensor([2, 1, 3, 5, 8], { seed: 62, min: -1 })],
    options: { complex: true, dimensions: 1 },
  },
  // Rows that subgroups make at once: of one, two and four to a subgroup, some of which are left over; and columns.
  ...[[3, 1024], [1, 512], [6, 512], [7, 256], [16, 256], [256, 256], [512, 256], [1024, 256]].map((
    [height, width],
  ) => ({
    name: `image of ${height} x ${width}`,
    inputs: () => [randomTensor([1, height, width], { seed: 64 + height, min: -1 })],
    options: {},
  })),
  // Half the columns, of even and odd counts, by every way.
  ...[[7, 256], [5, 512], [4, 1024], [6, 5], [5, 6], [3, 1], [1, 2]].map(([height, width]) => ({
    name: `half of ${height} x ${width}`,
    inputs: () => [randomTensor([2, height, width], { seed: 65 + height, min: -1 })],
    options: { half: true },
  })),
  {
    name: "half of rows",
    inputs: () => [randomTensor([1, 3, 11], { seed: 66, min: -1 })],
    options: { half: true, dimensions: 1 as const },
  },
  {
    name: "half of a volume",
    inputs: () => [randomTensor([2, 3, 5, 7], { seed: 67, min: -1 })],
    options: { half: true },
  },
  {
    name: "slices of long rows",
    inputs: () => [randomTensor([2, 2, 5, 256], { seed: 63, min: -1 })],
    options: { dimensions: 2 },
  },
  { name: "slices", inputs: () => [images.volumes()], options: { dimensions: 2 } },
  { name: "rows of a volume", inputs: () => [images.volume()], options: { dimensions: 1 } },
  { name: "deep", inputs: () => [randomTensor([1, 37, 4, 6], { seed: 63 })], options: {} },
];
