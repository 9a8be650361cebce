import { hostTensor, randomTensor, tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { hardImages, images } from "../image_cases.ts";
import type { AnisotropicOptions } from "./anisotropic.ts";

/** The scale of an image's values: the images of several channels have values beyond [0, 1]. */
const scaleOf: Readonly<Record<string, number>> = { channels: 2000, ties: 3, extremes: 1e30 };

/** Steps and noise whose level is known. */
function noisy(shape: readonly number[], sigma: number): HostTensor {
  const noise = randomTensor(shape, { seed: 17, min: -sigma * Math.sqrt(3), max: sigma * Math.sqrt(3) });
  return tensorOf(shape, (index) => Math.floor(index / 150) % 2 + noise.data[index]);
}

/** The hard images whose squares lie within f32. */
const { extremes: _, ...square } = hardImages;

const equations = ["peronaMalik", "curvature"] as const;

/** Cases of {@linkcode anisotropic}. */
export const anisotropicCases: readonly Case<AnisotropicOptions>[] = equations.flatMap((equation) => [
  ...Object.entries(equation === "curvature" ? { ...images, ...square } : { ...images, ...hardImages }).map((
    [name, image],
  ) => ({
    name: `${equation}, ${name}`,
    inputs: () => [image()],
    options: { equation, kappa: 0.3 * (scaleOf[name] ?? 1), steps: 3 },
  })),
  ...(["exponential", "rational"] as const).flatMap((conductance) => [
    {
      name: `${equation}, ${conductance}, 20 steps`,
      inputs: () => [images.ragged()],
      options: { equation, conductance, kappa: equation === "curvature" ? 2 : 0.1, steps: 20 },
    },
    {
      name: `${equation}, ${conductance}, spacing`,
      inputs: () => [images.volumes()],
      options: { equation, conductance, kappa: 0.3, steps: 5, spacing: [2.5, 1, 0.8] },
    },
    {
      name: `${equation}, ${conductance}, slice by slice`,
      inputs: () => [images.volumes()],
      options: { equation, conductance, kappa: 0.3, steps: 2, spacing: [2.5, 1, 0.8], slicewise: true },
    },
    {
      name: `${equation}, ${conductance}, until the noise is removed`,
      inputs: () => [noisy([1, 40, 50], 0.1)],
      options: { equation, conductance, sigma: 0.1, strength: 10, steps: "auto" as const, dt: 0.05 },
    },
  ]),
  {
    name: `${equation}, the greatest step`,
    inputs: () => [images.ragged()],
    options: { equation, kappa: 0.2, steps: 4, dt: equation === "curvature" ? 0.125 : 0.25 },
  },
  { name: `${equation}, no steps`, inputs: () => [images.ragged()], options: { equation, kappa: 1, steps: 0 } },
  { name: `${equation}, kappa 0`, inputs: () => [images.ragged()], options: { equation, kappa: 0 } },
  { name: `${equation}, a large kappa`, inputs: () => [images.ragged()], options: { equation, kappa: 1e6, steps: 3 } },
  { name: `${equation}, a strength`, inputs: () => [images.ragged()], options: { equation, sigma: 0.2, strength: 2 } },
  { name: `${equation}, no noise`, inputs: () => [images.ragged()], options: { equation, sigma: 0 } },
  {
    name: `${equation}, one noise level per channel`,
    inputs: () => [noisy([3, 20, 30], 0.2), hostTensor([0.05, 0.2, 0.01], [3])],
    options: { equation, steps: 3 },
  },
  {
    // The channels stop after different numbers of steps, one of them after the last.
    name: `${equation}, channels that stop one after the other`,
    inputs: () => [noisy([4, 20, 30], 0.2), hostTensor([0, 0.05, 0.12, 2], [4])],
    options: { equation, kappa: 0.5, steps: "auto" as const, maxSteps: 12, dt: 0.02 },
  },
  {
    name: `${equation}, volumes until the noise is removed`,
    inputs: () => [noisy([2, 8, 12, 18], 0.2), hostTensor([0.04, 0.1], [2])],
    options: { equation, kappa: 0.5, steps: "auto" as const, maxSteps: 9 },
  },
]);
