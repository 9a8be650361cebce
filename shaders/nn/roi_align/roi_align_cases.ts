import { hostTensor, randomNumbers, randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import type { RoiAlignOptions } from "./roi_align.ts";

function regions(count: number, width: number, height: number, seed: number): HostTensor {
  const next = randomNumbers(seed);
  const values = Array.from({ length: count }, () => {
    const [x, y] = [next() * width, next() * height];
    return [x, y, x + next() * (width - x), y + next() * (height - y)];
  });
  return hostTensor(values.flat(), [count, 4]);
}

const of = (
  name: string,
  shape: readonly number[],
  count: number,
  options: Partial<RoiAlignOptions>,
): Case<RoiAlignOptions> => ({
  name,
  inputs: () => [
    randomTensor(shape, { seed: 3, min: -1 }),
    regions(count, shape[3] / (options.scale ?? 1), shape[2] / (options.scale ?? 1), 5),
    hostTensor(Array.from({ length: count }, (_, i) => i % shape[0]), [count], "i64"),
  ],
  options: { height: 3, width: 4, ...options },
});

const map = () => randomTensor([1, 3, 6, 7], { seed: 4, min: -1 });

/** Inputs and options worth trying. */
export const roiAlignCases: Case<RoiAlignOptions>[] = [
  of("as many samples as pixels", [1, 5, 20, 24], 7, {}),
  of("two maps, a scale, two samples", [2, 8, 9, 11], 6, { scale: 0.25, samples: 2 }),
  of("centers at whole numbers", [1, 4, 16, 12], 5, { halfPixel: false, samples: 3 }),
  of("the greatest neighbor", [1, 6, 16, 12], 5, { kind: "max", samples: 2 }),
  of("one bin", [1, 1, 5, 5], 3, { height: 1, width: 1 }),
  of("no region", [1, 4, 8, 8], 0, {}),
  ...[true, false].map((halfPixel): Case<RoiAlignOptions> => ({
    name: `regions outside, turned around and without area, halfPixel ${halfPixel}`,
    inputs: () => [
      map(),
      hostTensor([-5, -4, 3, 2, 5, 4, 20, 30, 4, 4, 1, 2, 2.5, 2.5, 2.5, 2.5, 100, 100, 120, 110], [5, 4]),
      hostTensor([0, 0, 0, 0, 0], [5], "i32"),
    ],
    options: { height: 2, width: 2, halfPixel },
  })),
];
