import { randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { borders, hardImages, images } from "../image_cases.ts";
import type { MedianOptions } from "./median.ts";

/** An image of an even number of rows as a volume of two slices. */
const asVolume = ({ data, dtype, shape: [channels, height, width] }: HostTensor): HostTensor =>
  height % 2 === 0
    ? { data, dtype, shape: [channels, 2, height / 2, width] }
    : { data, dtype, shape: [channels, height, 1, width] };

/** Cases of {@linkcode median}. */
export const medianCases: readonly Case<MedianOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).flatMap(([name, inputs]) =>
    [1, 2, 3].map((radius) => ({
      name: `${name}, radius ${radius}`,
      inputs: () => [inputs()],
      // Volumes have no radius of 3.
      options: { radius, slicewise: radius === 3 },
    }))
  ),
  ...[4, 5].map((radius) => ({
    name: `ties, radius ${radius}`,
    inputs: () => [hardImages.ties()],
    options: { radius },
  })),
  { name: "extremes, radius 4", inputs: () => [hardImages.extremes()], options: { radius: 4 } },
  ...borders.flatMap((border) => [
    ...[1, 2, 3, 5].map((radius) => ({
      name: `ragged, radius ${radius}, ${border}`,
      inputs: () => [images.ragged()],
      options: { radius, border, cval: 0.7 },
    })),
    { name: `small, radius 5, ${border}`, inputs: () => [images.small()], options: { radius: 5, border, cval: 0.1 } },
    { name: `small, radius 2, ${border}`, inputs: () => [images.small()], options: { radius: 2, border, cval: 0.1 } },
    { name: `pixel, radius 1, ${border}`, inputs: () => [images.pixel()], options: { radius: 1, border, cval: 0.1 } },
    { name: `volume, radius 1, ${border}`, inputs: () => [images.volume()], options: { radius: 1, border, cval: 0.5 } },
    { name: `volume, radius 2, ${border}`, inputs: () => [images.volume()], options: { radius: 2, border, cval: 0.5 } },
  ]),
  { name: "radius 0", inputs: () => [images.ragged()], options: { radius: 0 } },
  { name: "one radius per axis", inputs: () => [images.channels()], options: { radius: [0, 3] } },
  { name: "one radius per axis, 3-D", inputs: () => [images.volumes()], options: { radius: [0, 1, 2] } },
  ...Object.entries(hardImages).map(([name, inputs]) => ({
    name: `${name} as a volume, radius 1`,
    inputs: () => [asVolume(inputs())],
    options: { radius: 1 },
  })),
  { name: "slice by slice", inputs: () => [images.volumes()], options: { radius: 2, slicewise: true } },
  { name: "slice by slice, radius 4", inputs: () => [images.volumes()], options: { radius: 4, slicewise: true } },
  { name: "many tiles", inputs: () => [randomTensor([1, 75, 130], { seed: 23 })], options: { radius: 2 } },
];
