import { filledTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { borders, hardImages, images } from "../image_cases.ts";
import type { MeanOptions } from "./mean.ts";

/** Cases of {@linkcode mean}. */
export const meanCases: readonly Case<MeanOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).map(([name, inputs]) => ({
    name: `${name}, radius 2`,
    inputs: () => [inputs()],
    options: { radius: 2 },
  })),
  ...borders.flatMap((border) => [
    {
      name: `ragged, radius 2, ${border}`,
      inputs: () => [images.ragged()],
      options: { radius: 2, border, cval: 0.75 },
    },
    // Blocks, or directly by chunks.
    {
      name: `ragged, radius 17, ${border}`,
      inputs: () => [images.ragged()],
      options: { radius: 17, border, cval: -1 },
    },
    // Windows longer than the image.
    { name: `small, radius 9, ${border}`, inputs: () => [images.small()], options: { radius: 9, border, cval: 0.5 } },
    { name: `pixel, radius 3, ${border}`, inputs: () => [images.pixel()], options: { radius: 3, border, cval: 0.5 } },
    { name: `volume, radius 2, ${border}`, inputs: () => [images.volume()], options: { radius: 2, border, cval: 0.5 } },
  ]),
  // Both sides of the switch of forms, windows as large as they may be, and the least that has a block.
  { name: "radius 12", inputs: () => [images.channels()], options: { radius: 12 } },
  { name: "radius 13", inputs: () => [images.channels()], options: { radius: 13, border: "mirror" } },
  { name: "as far as the image", inputs: () => [images.ragged()], options: { radius: [36, 52] } },
  { name: "as far as the image, wrap", inputs: () => [images.ragged()], options: { radius: [36, 52], border: "wrap" } },
  {
    name: "radius 20, slice by slice",
    inputs: () => [images.volumes()],
    options: { radius: [2, 20], slicewise: true },
  },
  { name: "radius 0", inputs: () => [images.ragged()], options: { radius: 0 } },
  { name: "one radius per axis", inputs: () => [images.ragged()], options: { radius: [3, 0] } },
  { name: "one radius per axis, 3-D", inputs: () => [images.volumes()], options: { radius: [1, 2, 3] } },
  { name: "slice by slice", inputs: () => [images.volumes()], options: { radius: [1, 3], slicewise: true } },
  // Rounding adds up where all pixels are alike: 401 pixels by chunks and blocks.
  { name: "constant, radius 200", inputs: () => [filledTensor([1, 1, 500], 0.37)], options: { radius: [0, 200] } },
  { name: "far beyond, wrap", inputs: () => [images.row()], options: { radius: [0, 1000], border: "wrap" } },
  { name: "wide", inputs: () => [randomTensor([1, 3, 1030], { seed: 21 })], options: { radius: [1, 60] } },
];
