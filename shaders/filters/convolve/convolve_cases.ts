import { randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { borders, hardImages, images } from "../image_cases.ts";
import type { ConvolveOptions } from "./convolve.ts";

const kernel = (shape: number[], seed = 31): HostTensor => randomTensor(shape, { seed, min: -0.5, max: 1 });

const isVolume = ({ shape }: HostTensor) => shape.length === 4;

/** Cases of {@linkcode convolve}. Kernels of few different widths: each four taps more are a pipeline of their own. */
export const convolveCases: readonly Case<ConvolveOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).map(([name, inputs]) => ({
    name,
    inputs: () => [inputs(), kernel(isVolume(inputs()) ? [3, 2, 5] : [3, 5])],
    options: {},
  })),
  ...borders.flatMap((border) => [
    { name: `5 x 7, ${border}`, inputs: () => [images.ragged(), kernel([5, 7])], options: { border, cval: 0.75 } },
    {
      name: `even sizes, ${border}`,
      inputs: () => [images.ragged(), kernel([4, 6])],
      options: { border, cval: -1 },
    },
    {
      name: `larger than the image, ${border}`,
      inputs: () => [images.small(), kernel([9, 21])],
      options: { border, cval: 0.5 },
    },
    { name: `pixel, ${border}`, inputs: () => [images.pixel(), kernel([3, 4])], options: { border, cval: 0.5 } },
    {
      name: `volume, ${border}`,
      inputs: () => [images.volume(), kernel([3, 4, 5])],
      options: { border, cval: 0.5 },
    },
    {
      name: `pair, volume, ${border}`,
      inputs: () => [images.volumes(), kernel([2, 2, 3, 5])],
      options: { border, cval: 0.5 },
    },
  ]),
  { name: "correlation", inputs: () => [images.ragged(), kernel([5, 7])], options: { flip: false } },
  { name: "correlation, even sizes", inputs: () => [images.ragged(), kernel([4, 6])], options: { flip: false } },
  { name: "correlation, 3-D", inputs: () => [images.volume(), kernel([2, 3, 4])], options: { flip: false } },
  { name: "one tap", inputs: () => [images.channels(), kernel([1, 1])], options: {} },
  { name: "a column of taps", inputs: () => [images.ragged(), kernel([23, 1])], options: {} },
  { name: "21 x 21", inputs: () => [randomTensor([1, 40, 150], { seed: 32 }), kernel([21, 21])], options: {} },
  // Rows of two blocks of taps.
  { name: "3 x 35", inputs: () => [randomTensor([1, 12, 150], { seed: 33 }), kernel([3, 35])], options: {} },
  { name: "35 taps, edges only", inputs: () => [images.row(), kernel([1, 35])], options: { border: "mirror" } },
  { name: "three kernels", inputs: () => [images.channels(), kernel([3, 3, 5])], options: {} },
  { name: "no kernels", inputs: () => [images.ragged(), kernel([0, 3, 5])], options: {} },
  {
    name: "three kernels, slice by slice",
    inputs: () => [images.volumes(), kernel([3, 3, 5])],
    options: { slicewise: true, border: "constant", cval: 2 },
  },
  { name: "slice by slice", inputs: () => [images.volumes(), kernel([5, 5])], options: { slicewise: true } },
];
