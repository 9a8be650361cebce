import { randomTensor } from "../../cases.ts";
import type { Case } from "../../contract.ts";
import { images } from "../image_cases.ts";
import type { MaskOptions } from "./grid.ts";

const options: Readonly<Record<string, [keyof typeof images, Partial<MaskOptions>]>> = {
  "stride 2, the first grid": ["ragged", { stride: 2, offset: 0 }],
  "stride 2, the last grid": ["ragged", { stride: 2, offset: 3 }],
  "stride 3": ["channels", { stride: 3, offset: 5 }],
  "stride 7": ["volumes", { stride: 7, offset: 20 }],
  "a volume's last grid": ["volume", { stride: 3, offset: 26 }],
  "slice by slice": ["volumes", { slicewise: true }],
  "a stride larger than the image": ["small", { stride: 100, offset: 2 }],
};

/** Cases of {@linkcode maskPixels}. */
export const maskPixelsCases: readonly Case<MaskOptions>[] = [
  ...Object.entries(images).map(([name, image]) => ({ name, inputs: () => [image()], options: {} })),
  ...Object.entries(options).map(([name, [image, options]]) => ({ name, inputs: () => [images[image]()], options })),
];

/** Cases of {@linkcode maskedError}. */
export const maskedErrorCases: readonly Case<MaskOptions>[] = maskPixelsCases.map((entry) => ({
  ...entry,
  inputs: () => entry.inputs().flatMap((image) => [image, randomTensor(image.shape, { seed: 61 })]),
}));
