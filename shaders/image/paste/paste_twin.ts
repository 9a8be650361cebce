import type { HostTensor } from "../../contract.ts";

/** Patches resampled into their boxes, one after the other. */
export function pasteTwin([input, patches, boxes]: readonly HostTensor[]): HostTensor[] {
  const [channels, height, width] = input.shape;
  const [count, , h, w] = patches.shape;
  const data = input.data.slice();
  const clamped = (at: number, size: number): number => Math.min(Math.max(at, 0), size - 1);
  for (let n = 0; n < count; n++) {
    const [x0, y0, x1, y1] = boxes.data.subarray(4 * n, 4 * n + 4);
    for (let c = 0; c < channels; c++) {
      const pixel = (y: number, x: number): number =>
        patches.data[((n * channels + c) * h + clamped(y, h)) * w + clamped(x, w)];
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const [cx, cy] = [column + 0.5, row + 0.5];
          if (cx < x0 || cx >= x1 || cy < y0 || cy >= y1) continue;
          const x = (cx - x0) * w / (x1 - x0) - 0.5;
          const y = (cy - y0) * h / (y1 - y0) - 0.5;
          const [left, top] = [Math.floor(x), Math.floor(y)];
          const [px, py] = [x - left, y - top];
          data[(c * height + row) * width + column] =
            (1 - py) * ((1 - px) * pixel(top, left) + px * pixel(top, left + 1)) +
            py * ((1 - px) * pixel(top + 1, left) + px * pixel(top + 1, left + 1));
        }
      }
    }
  }
  return [{ dtype: "f32", shape: input.shape, data }];
}
