import { randomNumbers, randomTensor, tensorOf } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { hardImages, images } from "../image_cases.ts";
import type { EstimateSigmaOptions } from "./estimate_sigma.ts";

/** Normal numbers by Box and Muller's method. */
function normalNumbers(seed: number): () => number {
  const next = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
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
];
