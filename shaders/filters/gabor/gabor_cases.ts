import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { borders, hardImages, images } from "../image_cases.ts";
import type { GaborOptions } from "./gabor.ts";

const volumes = ["volume", "volumes", "emptyVolume"];

/** Cases of {@linkcode gabor}. Kernels of few different widths: each four taps more are a pipeline of their own. */
export const gaborCases: readonly Case<GaborOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).map(([name, inputs]) => ({
    name,
    inputs: () => [inputs()],
    options: {
      frequency: 0.35,
      nStds: 1.8,
      ...(volumes.includes(name) || name === "slice" ? { direction: [1, -1, 2] } : { theta: 2.1 }),
    },
  })),
  ...borders.flatMap((border) => [
    ...(["real", "imaginary", "magnitude"] as const).map((part) => ({
      name: `ragged, ${part}, ${border}`,
      inputs: () => [images.ragged()],
      options: { frequency: 0.35, nStds: 1.8, theta: 0.3, offset: 0.4, part, border, cval: 0.75 },
    })),
    {
      name: `along and across, ${border}`,
      inputs: () => [images.ragged()],
      options: {
        frequency: 0.3,
        theta: 0.5,
        sigmaPx: [1, 1.5],
        nStds: 2,
        part: "magnitude" as const,
        border,
        cval: 0.75,
      },
    },
    {
      name: `larger than the image, ${border}`,
      inputs: () => [images.small()],
      options: { frequency: 0.35, nStds: 1.8, theta: -0.5, border, cval: -1 },
    },
    {
      name: `volume, ${border}`,
      inputs: () => [images.volume()],
      options: { frequency: 0.35, nStds: 1.8, direction: [-1, 2, 3], part: "magnitude" as const, border, cval: 0.5 },
    },
    {
      name: `volumes, along and across, ${border}`,
      inputs: () => [images.volumes()],
      options: { frequency: 0.3, direction: [1, 1, 0], sigmaPx: [0.6, 1.2], nStds: 2, border, cval: 0.5 },
    },
  ]),
  {
    name: "a bank",
    inputs: () => [images.channels()],
    options: { frequency: [0.35, 0.4], nStds: 1.8, theta: [0, 0.8, Math.PI / 2, 2.4], part: "magnitude" },
  },
  ...(["real", "imaginary"] as const).flatMap((part) =>
    (["reflect", "constant"] as const).map((border) => ({
      name: `a bank of opposites, ${part}, ${border}`,
      inputs: () => [images.channels()],
      options: {
        frequency: 0.35,
        nStds: 1.8,
        // Mirrored directions, one of them twice, along both axes, and one alone.
        theta: [0.4, Math.PI - 0.4, 0, Math.PI / 2, 0.4, 1.1, Math.PI],
        offset: part === "real" ? 0.4 : 0,
        part,
        border,
        cval: 0.75,
      },
    }))
  ),
  {
    name: "a bank of unlike sigmas",
    inputs: () => [images.ragged()],
    options: { frequency: 0.3, theta: [0, Math.PI / 6, Math.PI / 2], sigmaPx: [1, 1.5], nStds: 2 },
  },
  {
    name: "a bank in 3-D",
    inputs: () => [images.volumes()],
    options: {
      frequency: 0.35,
      nStds: 1.8,
      direction: [[0, 0, 1], [0, 1, 0], [1, 0, 0], [-1, 1, -1]],
      part: "imaginary",
    },
  },
  {
    name: "slice by slice",
    inputs: () => [images.volumes()],
    options: { frequency: 0.35, nStds: 1.8, theta: [0.3, -0.3], slicewise: true, border: "constant", cval: 1 },
  },
  // More taps along y than a chunk has.
  {
    name: "a long envelope",
    inputs: () => [randomTensor([1, 70, 40], { seed: 41 })],
    options: { frequency: 0.3, sigmaPx: [1, 7] },
  },
  { name: "frequency 0", inputs: () => [images.ragged()], options: { frequency: 0, sigmaPx: 0.8 } },
  { name: "a narrow band", inputs: () => [images.ragged()], options: { frequency: 0.4, bandwidth: 0.6, nStds: 1.3 } },
];
