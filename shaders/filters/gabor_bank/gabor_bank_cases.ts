import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { hardImages, images } from "../image_cases.ts";
import type { GaborBankOptions } from "./gabor_bank.ts";

/** Cases of {@linkcode gaborBank}. The filters of a volume are many, so that volumes are small. */
export const gaborBankCases: readonly Case<GaborBankOptions>[] = [
  ...["ragged", "pixel", "row", "column", "small", "empty", "emptyVolume"].map((name) => ({
    name,
    inputs: () => [images[name]()],
    options: { sigma: 0.1 },
  })),
  ...["ragged", "pixel", "row", "column", "small", "volume"].map((name) => ({
    name: `${name}, wrap`,
    inputs: () => [images[name]()],
    options: { sigma: 0.1, border: "wrap" as const },
  })),
  ...["constant", "impulse", "ties"].map((name) => ({
    name,
    inputs: () => [hardImages[name]()],
    options: { sigma: 0.1, border: "wrap" as const },
  })),
  { name: "strong", inputs: () => [images.ragged()], options: { sigma: 0.3, strength: 3, border: "wrap" } },
  { name: "nothing is noise", inputs: () => [images.ragged()], options: { sigma: 0, border: "wrap" } },
  { name: "no strength", inputs: () => [images.ragged()], options: { sigma: 1, strength: 0, border: "wrap" } },
  {
    name: "one noise level per channel",
    inputs: () => [images.channels(), hostTensor([100, 300, 50], [3])],
    options: { border: "wrap" },
  },
  {
    name: "slicewise",
    inputs: () => [images.volumes(), hostTensor([0.2, 0.4], [2])],
    options: { slicewise: true, border: "wrap" },
  },
  {
    name: "slicewise, reflect",
    inputs: () => [randomTensor([1, 2, 5, 9], { seed: 80 })],
    options: { sigma: 0.1, slicewise: true },
  },
  { name: "slice", inputs: () => [images.slice()], options: { sigma: 0.1 } },
  { name: "reflect along z", inputs: () => [randomTensor([2, 3, 1, 4], { seed: 81 })], options: { sigma: 0.1 } },
];
