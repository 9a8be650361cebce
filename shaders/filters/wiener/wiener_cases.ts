import { hostTensor, randomTensor, tensorOf } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { borders, hardImages, images } from "../image_cases.ts";
import type { WienerOptions } from "./wiener.ts";

/** Images without those whose squares exceed f32. */
const { extremes: _, ...usual } = { ...images, ...hardImages };

/** Cases of {@linkcode wiener}. */
export const wienerCases: readonly Case<WienerOptions>[] = [
  ...Object.entries(usual).map(([name, inputs]) => ({ name, inputs: () => [inputs()], options: {} })),
  ...borders.flatMap((border) => [
    {
      name: `ragged, ${border}`,
      inputs: () => [images.ragged()],
      options: { radius: 3, noisePower: 0.05, border, cval: 0.75 },
    },
    {
      name: `larger than the image, ${border}`,
      inputs: () => [images.small()],
      options: { radius: 9, sigma: 0.1, border, cval: -1 },
    },
    { name: `pixel, ${border}`, inputs: () => [images.pixel()], options: { border, cval: 0.5 } },
    { name: `volume, ${border}`, inputs: () => [images.volume()], options: { radius: 2, border, cval: 0.5 } },
  ]),
  { name: "radius 0", inputs: () => [images.ragged()], options: { radius: 0 } },
  { name: "one radius per axis", inputs: () => [images.ragged()], options: { radius: [3, 0] } },
  { name: "one radius per axis, 3-D", inputs: () => [images.volumes()], options: { radius: [1, 0, 2] } },
  { name: "slice by slice", inputs: () => [images.volumes()], options: { radius: [1, 2], slicewise: true } },
  { name: "no noise", inputs: () => [images.ragged()], options: { noisePower: 0 } },
  { name: "no noise, no variance", inputs: () => [hardImages.constant()], options: { noisePower: 0 } },
  { name: "much noise", inputs: () => [images.ragged()], options: { noisePower: 10 } },
  {
    name: "noise levels as an input",
    inputs: () => [images.channels(), hostTensor([300, 0, 1500], [3])],
    options: {},
  },
  // CT in HU: a small variance far from 0, with and without the zeros beyond the border.
  ...(["nearest", "constant"] as const).map((border) => ({
    name: `far from 0, ${border}`,
    inputs: () => [randomTensor([1, 40, 50], { seed: 51, min: -1010, max: -990 })],
    options: { radius: 2, border },
  })),
  {
    name: "a step between far levels",
    inputs: () => [tensorOf([1, 20, 30], (index) => (index % 30 < 13 ? -1000 : 3000) + (index * 7) % 5)],
    options: { radius: 2, noisePower: 2 },
  },
  // Windows of more taps than a chunk has.
  { name: "43 rows", inputs: () => [randomTensor([1, 90, 9], { seed: 52 })], options: { radius: [21, 0] } },
  { name: "43 columns", inputs: () => [randomTensor([1, 3, 130], { seed: 53 })], options: { radius: [0, 21] } },
];
