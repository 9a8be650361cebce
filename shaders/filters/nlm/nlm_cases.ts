import { randomTensor, tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { hardImages, images } from "../image_cases.ts";
import type { NlmOptions } from "./nlm.ts";

/** Radii of most cases; the fewer there are, the fewer pages are compiled. */
const usual: Partial<NlmOptions> = { patchRadius: 1, searchRadius: 2, patchWeights: "gauss" };

/** Noise levels that suit the images' range, with which some half of the patches count. */
const levels: Readonly<Record<string, number>> = { channels: 400, volumes: 0.2 };

function example(name: string, input: () => HostTensor, options: Partial<NlmOptions>): Case<NlmOptions> {
  return { name, inputs: () => [input()], options: { ...usual, sigma: 0.1, ...options } };
}

/** A smooth field with noise from 0, as MR magnitudes are. */
const magnitude = (shape: readonly number[]): HostTensor => {
  const [first, second] = [randomTensor(shape, { seed: 31 }), randomTensor(shape, { seed: 32 })];
  return tensorOf(shape, (index) => {
    const field = index % 7 === 0 ? 0 : 0.5 + 0.4 * Math.sin(index / 40);
    return Math.hypot(field + 0.2 * (first.data[index] - 0.5), 0.2 * (second.data[index] - 0.5));
  });
};

/** Cases of {@linkcode nlm}. */
export const nlmCases: readonly Case<NlmOptions>[] = [
  ...Object.entries({ ...images, ...hardImages }).map(([name, input]) =>
    example(name, input, { sigma: levels[name] ?? 0.1, strength: 2 })
  ),
  ...["ragged", "small", "volume"].map((name) =>
    example(`${name}, box, mirror`, images[name], { h: 0.3, patchWeights: "box", searchWindow: "mirror" })
  ),
  // A search by chunks, the last of which has positions to spare.
  ...(["clipped", "mirror"] as const).map((searchWindow) =>
    example(`ragged, patch 5, search 13, box, ${searchWindow}`, images.ragged, {
      patchRadius: 2,
      searchRadius: 6,
      h: 0.3,
      patchWeights: "box",
      searchWindow,
    })
  ),
  // A search larger than the image.
  example("volumes, one radius per axis", images.volumes, {
    sigma: 0.2,
    patchRadius: [0, 1, 2],
    searchRadius: [2, 1, 0],
  }),
  example("volumes, one radius per axis, box", images.volumes, {
    sigma: 0.2,
    patchRadius: [1, 0, 1],
    searchRadius: [7, 3, 0],
    patchWeights: "box",
    searchWindow: "mirror",
  }),
  example("large", () => randomTensor([1, 65, 1030], { seed: 33 }), { searchRadius: 1, h: 0.3, patchWeights: "box" }),
  // Both sides of the switch to the form for any patch.
  example("patch 7, box", images.ragged, { patchRadius: 3, searchRadius: [2, 0], h: 0.4, patchWeights: "box" }),
  example("patch 9, box", images.ragged, { patchRadius: 4, h: 0.4, patchWeights: "box" }),
  example("small, patch 31", images.small, { patchRadius: 15, h: 0.4 }),
  example("volume, patch 5", images.volume, { patchRadius: 2, searchRadius: 1, h: 0.4 }),
  // More search positions than a dispatch can take.
  example("slice, many dispatches", images.slice, { patchRadius: [6, 4, 1], searchRadius: [3, 4, 4], h: 0.5 }),
  example("radius 0", images.ragged, { patchRadius: 0, searchRadius: 0 }),
  example("patches of a column, box", images.ragged, {
    patchRadius: [1, 0],
    searchRadius: [2, 0],
    h: 0.2,
    patchWeights: "box",
  }),
  example("slice by slice", images.volumes, { sigma: 0.2, slicewise: true, searchWindow: "mirror" }),
  // Noise alone, an h alone, neither, an h far below the noise.
  example("h without noise", images.ragged, { sigma: 0, h: 0.3 }),
  example("noise without h", images.ragged, { sigma: 0.25, h: 0 }),
  example("neither", images.ragged, { sigma: 0, h: 0 }),
  example("neither, a constant", hardImages.constant, { sigma: 0, strength: 1 }),
  example("strength 0.2", images.ragged, { sigma: 0.25, strength: 0.2 }),
  example("default strength", images.ragged, { sigma: 0.2 }),
  example("far above the noise", images.ragged, { sigma: 1e-4, h: 100 }),
  example("rician", () => magnitude([2, 23, 30]), { searchRadius: [2, 1], sigma: 0.06, rician: true }),
  example("rician, patch 9", () => magnitude([1, 12, 14]), { patchRadius: 4, sigma: 0.06, rician: true }),
  {
    name: "one noise level per channel, second input",
    inputs: () => [images.channels(), tensorOf([3], (channel) => [200, 400, 0][channel])],
    options: { ...usual, strength: 1.5 },
  },
  {
    name: "one noise level per channel, h, 3-D",
    inputs: () => [images.volumes(), tensorOf([2], (channel) => 0.1 + 0.2 * channel)],
    options: { ...usual, h: 0.4 },
  },
];
