import type { Case } from "../../contract.ts";
import { randomTensor } from "../../cases.ts";
import { hardImages, images } from "../image_cases.ts";
import type { WaveletBorder } from "./bands.ts";
import type { DwtOptions } from "./dwt.ts";

const borders: readonly WaveletBorder[] = ["symmetric", "periodization"];

/** Cases of {@linkcode dwt}. */
export const dwtCases: readonly Case<DwtOptions>[] = [
  ...borders.flatMap((border) =>
    [
      ...Object.entries({ ...images, impulse: hardImages.impulse, extremes: hardImages.extremes }).map((
        [name, inputs],
      ) => ({ name: `${name}, ${border}`, inputs: () => [inputs()], options: { border } })),
      { name: `a long filter, ${border}`, inputs: () => [images.ragged()], options: { wavelet: "bior3.9", border } },
      {
        name: `a filter longer than the image, ${border}`,
        inputs: () => [images.small()],
        options: { wavelet: "bior3.9", levels: 3, border },
      },
      { name: `levels, ${border}`, inputs: () => [images.ragged()], options: { levels: 4, border } },
      { name: `levels of a volume, ${border}`, inputs: () => [images.volumes()], options: { levels: 2, border } },
      { name: `slice by slice, ${border}`, inputs: () => [images.volumes()], options: { slicewise: true, border } },
      { name: `many tiles, ${border}`, inputs: () => [randomTensor([1, 75, 130], { seed: 64 })], options: { border } },
    ] as Case<DwtOptions>[]
  ),
  { name: "two taps", inputs: () => [images.ragged()], options: { wavelet: "db1" } },
];
