import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { borders, hardImages, images } from "../image_cases.ts";
import type { GaussianOptions } from "./gaussian.ts";

/** Cases of {@linkcode gaussian}. */
export const gaussianCases: readonly Case<GaussianOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).map(([name, inputs]) => ({
    name: `${name}, sigma 1`,
    inputs: () => [inputs()],
    options: { sigmaPx: 1 },
  })),
  ...borders.flatMap((border) => [
    {
      name: `ragged, sigma 2, ${border}`,
      inputs: () => [images.ragged()],
      options: { sigmaPx: 2, border, cval: 0.75 },
    },
    {
      name: `ragged, sigma 5, ${border}`,
      inputs: () => [images.ragged()],
      options: { sigmaPx: 5, border, cval: 0.75 },
    },
    {
      name: `ragged, derivatives, ${border}`,
      inputs: () => [images.ragged()],
      options: { sigmaPx: [1, 1.5], order: [1, 2] as const, border, cval: 0.25 },
    },
    { name: `small, sigma 4, ${border}`, inputs: () => [images.small()], options: { sigmaPx: 4, border, cval: -1 } },
    { name: `pixel, sigma 2, ${border}`, inputs: () => [images.pixel()], options: { sigmaPx: 2, border, cval: 0.5 } },
    { name: `volume, sigma 2, ${border}`, inputs: () => [images.volume()], options: { sigmaPx: 2, border, cval: 0.5 } },
  ]),
  // Both sides of the switch to sums by chunks, at 33 taps.
  { name: "radius 16", inputs: () => [images.channels()], options: { sigmaPx: 4 } },
  { name: "radius 17", inputs: () => [images.channels()], options: { sigmaPx: 4.2 } },
  { name: "sigma 0", inputs: () => [images.ragged()], options: { sigmaPx: 0 } },
  { name: "sigma 0 along x", inputs: () => [images.ragged()], options: { sigmaPx: [2, 0] } },
  {
    name: "sigma 0 leaves the derivative out",
    inputs: () => [images.ragged()],
    options: { sigmaPx: [0, 1], order: 1 },
  },
  { name: "very small sigma", inputs: () => [images.ragged()], options: { sigmaPx: 0.1 } },
  { name: "truncate 1", inputs: () => [images.ragged()], options: { sigmaPx: 3, truncate: 1 } },
  { name: "order 2 along all axes", inputs: () => [images.volume()], options: { sigmaPx: 1.5, order: 2 } },
  { name: "order 1 along z", inputs: () => [images.volumes()], options: { sigmaPx: 1, order: [1, 0, 0] } },
  { name: "one sigma per axis", inputs: () => [images.volumes()], options: { sigmaPx: [0.5, 1, 2] } },
  {
    name: "millimeters",
    inputs: () => [images.volumes()],
    options: { sigmaMm: 2, spacing: [3, 0.8, 1.25] },
  },
  {
    name: "millimeters, slice by slice",
    inputs: () => [images.volumes()],
    options: { sigmaMm: [1, 2], spacing: [3, 0.8, 1.25], slicewise: true },
  },
  { name: "wide", inputs: () => [randomTensor([1, 9, 1030], { seed: 22 })], options: { sigmaPx: [2, 30] } },
];
