import type { HostTensor } from "../../contract.ts";
import type { PasteMasksOptions } from "./paste_masks.ts";

interface Pixel {
  /** Neighbors in the mask, and the weight of the second. */
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

/** For each pixel of an axis of the image what it takes from the mask, by the steps that the definition names. */
function line(begin: number, end: number, size: number, length: number): (Pixel | undefined)[] {
  const extent = Math.max(end - begin + 1, 1);
  const resized = Array.from({ length: extent }, (_, at): Pixel => {
    const place = Math.min(Math.max((at + 0.5) * length / extent - 0.5, 0), length - 1);
    const low = Math.floor(place);
    return { low, high: Math.min(low + 1, length - 1), weight: place - low };
  });
  const [first, last] = [Math.max(begin, 0), Math.min(end + 1, size)];
  const cut = resized.slice(first - begin, last - begin);
  const zeros = new Array<undefined>(Math.max(size - last, 0)).fill(undefined);
  const padded = [...new Array<undefined>(first).fill(undefined), ...cut, ...zeros];
  return Array.from({ length: size }, (_, at) => padded[at]);
}

/** Resizes, cuts, pads and cuts again. */
export function pasteMasksTwin(
  [masks, boxes]: readonly HostTensor[],
  { height, width }: PasteMasksOptions,
): HostTensor[] {
  const [count, rows, columns] = masks.shape;
  const data = new Float64Array(count * height * width);
  for (let mask = 0; mask < count; mask++) {
    const [left, top, right, bottom] = boxes.data.subarray(4 * mask, 4 * mask + 4);
    const across = line(left, right, width, columns);
    for (const [y, v] of line(top, bottom, height, rows).entries()) {
      for (const [x, h] of across.entries()) {
        if (v === undefined || h === undefined) continue;
        const at = (row: number, column: number) => masks.data[(mask * rows + row) * columns + column];
        const [upper, lower] = [v.low, v.high].map((row) =>
          at(row, h.low) * (1 - h.weight) + at(row, h.high) * h.weight
        );
        data[(mask * height + y) * width + x] = upper * (1 - v.weight) + lower * v.weight;
      }
    }
  }
  return [{ dtype: "f32", shape: [count, height, width], data }];
}
