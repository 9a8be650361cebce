import { randomNumbers, randomTensor, tensorOf } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { hardImages, images } from "../image_cases.ts";
import type { EstimateSigmaOptions } from "./estimate_sigma.ts";

/** Normal numbers by Box and Muller's method. */
function normalNumbers(seed: number): () => number {
  const next = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Magnitudes of a disk with a ramp in it, with complex noise; `pad` columns are 0. */
function magnitudes(shape: readonly number[], seed: number, sigma: number, background: number, pad = 0) {
  const noise = normalNumbers(seed);
  const [height, width] = shape.slice(-2);
  return tensorOf(shape, (index) => {
    const [x, y] = [index % width, Math.floor(index / width) % height];
    const inside = Math.hypot(x / width - 0.5, y / height - 0.5) < 0.35;
    const signal = inside ? 10 * sigma * (1 + x / width) : background;
    return x < pad ? 0 : Math.hypot(signal + sigma * noise(), sigma * noise());
  });
}

/** Cases of {@linkcode estimateSigma}. */
export const estimateSigmaCases: readonly Case<EstimateSigmaOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).map(([name, inputs]) => ({
    name,
    inputs: () => [inputs()],
    options: {},
  })),
  { name: "two by two", inputs: () => [randomTensor([2, 2, 2], { seed: 60 })], options: {} },
  {
    name: "noise on a great mean",
    inputs: () => {
      const noise = normalNumbers(61);
      return [tensorOf([1, 90, 150], (index) => 1000 + index % 150 + 5 * noise())];
    },
    options: {},
  },
  {
    name: "zero padding",
    inputs: () => {
      const noise = normalNumbers(62);
      return [tensorOf([2, 64, 70], (index) => index % 70 < 30 ? 0 : 1 + 0.1 * noise())];
    },
    options: {},
  },
  {
    name: "many tiles",
    inputs: () => [randomTensor([1, 150, 530], { seed: 63 })],
    options: {},
  },
  ...Object.entries({ ...images, constant: hardImages.constant }).map(([name, inputs]) => ({
    name: `${name}, rician`,
    inputs: () => [inputs()],
    options: { noise: "rician" as const },
  })),
  {
    name: "magnitudes with background",
    inputs: () => [magnitudes([2, 90, 110], 64, 0.05, 0)],
    options: { noise: "rician" },
  },
  {
    name: "magnitudes without background",
    inputs: () => [magnitudes([1, 90, 110], 65, 20, 150)],
    options: { noise: "rician" },
  },
  {
    name: "magnitudes with padding",
    inputs: () => [magnitudes([1, 12, 50, 60], 66, 4, 0, 17)],
    options: { noise: "rician" },
  },
  {
    name: "many magnitudes",
    inputs: () => [magnitudes([1, 300, 1001], 67, 1, 0)],
    options: { noise: "rician" },
  },
];
