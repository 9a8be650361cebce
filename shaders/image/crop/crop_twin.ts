import type { HostTensor } from "../../contract.ts";
import type { CropOptions } from "./crop.ts";

/** Linear interpolation at the centers of a box's cells, zeros outside the image. */
export function cropTwin([input, boxes]: readonly HostTensor[], { size: [h, w] }: CropOptions): HostTensor[] {
  const [channels, height, width] = input.shape;
  const count = boxes.shape[0];
  const data = new Float64Array(count * channels * h * w);
  const pixel = (c: number, y: number, x: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : input.data[(c * height + y) * width + x];
  for (let n = 0, at = 0; n < count; n++) {
    const [x0, y0, x1, y1] = boxes.data.subarray(4 * n, 4 * n + 4);
    for (let c = 0; c < channels; c++) {
      for (let j = 0; j < h; j++) {
        for (let i = 0; i < w; i++, at++) {
          if (x1 <= x0 || y1 <= y0) continue;
          const y = y0 + (j + 0.5) * (y1 - y0) / h - 0.5;
          const x = x0 + (i + 0.5) * (x1 - x0) / w - 0.5;
          const [top, left] = [Math.floor(y), Math.floor(x)];
          for (const [dy, wy] of [[0, 1 - (y - top)], [1, y - top]]) {
            for (const [dx, wx] of [[0, 1 - (x - left)], [1, x - left]]) {
              data[at] += wy * wx * pixel(c, top + dy, left + dx);
            }
          }
        }
      }
    }
  }
  return [{ dtype: "f32", shape: [count, channels, h, w], data }];
}
