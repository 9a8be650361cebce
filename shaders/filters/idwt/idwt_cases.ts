import { randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { dwt, type DwtOptions } from "../dwt/dwt.ts";
import { images } from "../image_cases.ts";
import type { IdwtOptions } from "./idwt.ts";

/** Coefficients of a transform of the same options, as the device holds them, with other details: no image's. */
function coefficientsOf(image: HostTensor, options: Partial<DwtOptions>): HostTensor[] {
  return dwt.twin([image], dwt.options.parse(options)).map(({ shape }, index) =>
    randomTensor(shape, { seed: 70 + index, min: -1 })
  );
}

type Forward = Partial<Pick<DwtOptions, "wavelet" | "levels" | "border" | "slicewise">>;

function inverse(name: string, image: () => HostTensor, { levels, ...same }: Forward, size?: number[]) {
  return { name, inputs: () => coefficientsOf(image(), { levels, ...same }), options: { ...same, size } };
}

/** Cases of {@linkcode idwt}. */
export const idwtCases: readonly Case<IdwtOptions>[] = [
  ...(["symmetric", "periodization"] as const).flatMap((border) => [
    ...Object.entries(images).map(([name, image]) => inverse(`${name}, ${border}`, image, { border })),
    inverse(`odd sizes, ${border}`, images.ragged, { border }, [37, 53]),
    inverse(`a long filter, ${border}`, images.ragged, { wavelet: "bior3.9", border }),
    inverse(`a filter longer than the image, ${border}`, images.small, { wavelet: "bior3.9", levels: 3, border }),
    inverse(`levels, ${border}`, images.ragged, { levels: 4, border }, [37, 53]),
    inverse(`levels of a volume, ${border}`, images.volume, { levels: 2, border }, [9, 11, 13]),
    inverse(`slice by slice, ${border}`, images.volumes, { slicewise: true, border }),
    inverse(`many tiles, ${border}`, () => randomTensor([1, 75, 130], { seed: 65 }), { border }, [75, 130]),
  ]),
  inverse("two taps", images.ragged, { wavelet: "db1" }, [37, 53]),
];
