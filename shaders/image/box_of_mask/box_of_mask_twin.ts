import type { HostTensor } from "../../contract.ts";
import type { BoxOfMaskOptions } from "./box_of_mask.ts";

/** The region's box, grown about its center. */
export function boxOfMaskTwin([mask]: readonly HostTensor[], options: BoxOfMaskOptions): HostTensor[] {
  const width = mask.shape.at(-1) ?? 1;
  const columns: number[] = [];
  const rows: number[] = [];
  mask.data.forEach((value, index) => {
    if (value <= 0.5) return;
    columns.push(index % width);
    rows.push(Math.floor(index / width));
  });
  const result = (box: number[]): HostTensor[] => [{ dtype: "f32", shape: [1, 4], data: Float64Array.from(box) }];
  if (columns.length === 0) return result([0, 0, 0, 0]);
  const ends = [columns, rows].map((list) => [Math.min(...list), Math.max(...list) + 1]);
  const [dy, dx] = options.spacing;
  const pixel = [dx, dy].map((mm) => mm / Math.min(dy, dx));
  const longer = Math.max(...ends.map(([low, high], axis) => (high - low) * pixel[axis]));
  const [[x0, x1], [y0, y1]] = ends.map(([low, high], axis) => {
    const length = options.square ? longer : (high - low) * pixel[axis];
    const side = Math.max(length * options.margin, options.minSide) / pixel[axis];
    return [(low + high) / 2 - side / 2, (low + high) / 2 + side / 2];
  });
  return result([x0, y0, x1, y1]);
}
