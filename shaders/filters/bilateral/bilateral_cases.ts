import { filledTensor, hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { borders, hardImages, images } from "../image_cases.ts";
import type { BilateralOptions } from "./bilateral.ts";

/** Colors as different as the image's own: what is far has a small weight but not none. */
const scales: Readonly<Record<string, number>> = { channels: 1000, extremes: 1e29 };

/** Cases of {@linkcode bilateral}. */
export const bilateralCases: readonly Case<BilateralOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).map(([name, inputs]) => ({
    name: `${name}, radius 2`,
    inputs: () => [inputs()],
    options: { radius: 2, sigmaColor: scales[name] ?? 0.3 },
  })),
  ...borders.flatMap((border) => [
    {
      name: `ragged, radius 2, ${border}`,
      inputs: () => [images.ragged()],
      options: { radius: 2, sigmaColor: 0.5, border, cval: 0.7 },
    },
    {
      name: `small, radius 9, ${border}`,
      inputs: () => [images.small()],
      options: { radius: 9, sigmaColor: 0.4, window: "square" as const, border, cval: 0.1 },
    },
    {
      name: `pixel, radius 2, ${border}`,
      inputs: () => [images.pixel()],
      options: { radius: 2, sigmaColor: 0.2, border, cval: 0.4 },
    },
    {
      name: `volume, radius 2, ${border}`,
      inputs: () => [images.volume()],
      options: { radius: 2, sigmaColor: 0.4, border, cval: 0.5 },
    },
    {
      name: `channels in common, ${border}`,
      inputs: () => [randomTensor([3, 9, 21], { seed: 31 })],
      options: { radius: 3, sigmaColor: 0.8, colorDistance: "euclidean" as const, border, cval: 0.5 },
    },
  ]),
  { name: "radius 0", inputs: () => [images.ragged()], options: { radius: 0, sigmaColor: 0.1 } },
  // Both sides of the switch of forms, at 81 pixels; the square of radius 5 has 121.
  {
    name: "square, radius 4",
    inputs: () => [images.ragged()],
    options: { radius: 4, sigmaColor: 0.3, window: "square" },
  },
  {
    name: "square, radius 5",
    inputs: () => [images.ragged()],
    options: { radius: 5, sigmaColor: 0.3, window: "square" },
  },
  { name: "ball, radius 11", inputs: () => [images.ragged()], options: { radius: 11, sigmaColor: 0.3 } },
  { name: "one radius per axis", inputs: () => [images.ragged()], options: { radius: [7, 3], sigmaColor: 0.3 } },
  {
    name: "one radius per axis, 3-D",
    inputs: () => [images.volumes()],
    options: { radius: [1, 2, 5], sigmaColor: 1, sigmaSpacePx: [0.5, 1, 4] },
  },
  {
    name: "radius 10, 3-D",
    inputs: () => [randomTensor([1, 3, 4, 12], { seed: 32 })],
    options: { radius: [10, 1, 1], sigmaColor: 0.5 },
  },
  {
    name: "millimeters",
    inputs: () => [images.volumes()],
    options: { radius: 2, sigmaColor: 0.5, sigmaSpaceMm: 2, spacing: [3, 0.8, 1.25] },
  },
  {
    name: "slice by slice",
    inputs: () => [images.volumes()],
    options: { radius: 2, sigmaColor: 0.5, slicewise: true },
  },
  {
    name: "a volume with channels in common",
    inputs: () => [images.volumes()],
    options: { radius: 1, sigmaColor: 0.5, colorDistance: "euclidean" },
  },
  {
    name: "the sum of differences",
    inputs: () => [randomTensor([3, 11, 26], { seed: 33 })],
    options: { radius: 3, sigmaColor: 0.8, colorDistance: "sum" },
  },
  { name: "a small sigma", inputs: () => [images.ragged()], options: { radius: 2, sigmaColor: 1e-3 } },
  { name: "a large sigma", inputs: () => [images.ragged()], options: { radius: 2, sigmaColor: 1e6, sigmaSpacePx: 50 } },
  { name: "a noise level", inputs: () => [images.channels()], options: { radius: 2, sigma: 500, strength: 2.5 } },
  { name: "no noise", inputs: () => [images.ragged()], options: { radius: 2, sigma: 0 } },
  {
    name: "a noise level for each channel",
    inputs: () => [images.channels(), hostTensor([100, 0, 800], [3])],
    options: { radius: 2 },
  },
  {
    name: "noise levels of channels in common",
    inputs: () => [images.channels(), hostTensor([100, 0, 800], [3])],
    options: { radius: 2, colorDistance: "euclidean", strength: 3 },
  },
  {
    name: "a constant, many pixels",
    inputs: () => [filledTensor([1, 20, 40], 0.37)],
    options: { radius: 12, sigmaColor: 0.1 },
  },
];
