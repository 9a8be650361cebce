import type { HostTensor } from "../../contract.ts";
import { mostSamples, type RoiAlignOptions } from "./roi_align.ts";

/** The pixels around a position with their weights; none more than a pixel outside. */
function weights(at: number, size: number): [number, number][] {
  if (at < -1 || at > size) return [];
  const inside = Math.max(at, 0);
  const low = Math.min(Math.floor(inside), size - 1);
  if (low >= size - 1) return [[size - 1, 1], [size - 1, 0]];
  return [[low, 1 - (inside - low)], [low + 1, inside - low]];
}

/** Goes through the samples of every bin. */
export function roiAlignTwin(
  [x, rois, batches]: readonly HostTensor[],
  { height, width, samples, scale, kind, halfPixel }: RoiAlignOptions,
): HostTensor[] {
  const [, channels, rows, columns] = x.shape;
  const regions = rois.shape[0];
  const data = new Float64Array(regions * channels * height * width);
  let index = 0;
  for (let region = 0; region < regions; region++) {
    const shift = halfPixel ? 0.5 : 0;
    const [left, top, right, bottom] = rois.data.subarray(4 * region, 4 * region + 4).map((at) => at * scale - shift);
    const sides = [bottom - top, right - left].map((side) => halfPixel ? side : Math.max(side, 1));
    const [binHeight, binWidth] = [sides[0] / height, sides[1] / width];
    const [countY, countX] = [binHeight, binWidth].map((side) =>
      Math.min(Math.max(samples || Math.ceil(side), 0), mostSamples)
    );
    for (let channel = 0; channel < channels; channel++) {
      const plane = (batches.data[region] * channels + channel) * rows * columns;
      for (let bin = 0; bin < height * width; bin++) {
        const products: number[] = [];
        for (let sample = 0; sample < countX * countY; sample++) {
          const y = top + (Math.floor(bin / width) + (Math.floor(sample / countX) + 0.5) / countY) * binHeight;
          const at = left + (bin % width + (sample % countX + 0.5) / countX) * binWidth;
          const found = weights(y, rows).flatMap(([row, v]) =>
            weights(at, columns).map(([column, h]) => v * h * x.data[plane + row * columns + column])
          );
          products.push(...found.length > 0 ? found : [0]);
        }
        const sum = products.reduce((total, value) => total + value, 0);
        const greatest = products.length > 0 ? Math.max(...products) : 0;
        data[index++] = kind === "max" ? greatest : sum / Math.max(1, countX * countY);
      }
    }
  }
  return [{ dtype: x.dtype, shape: [regions, channels, height, width], data }];
}
