import type { HostTensor } from "../../contract.ts";
import type { NonMaxSuppressionOptions } from "./non_max_suppression.ts";

/** Least y and x, greatest y and x. */
type Box = readonly [number, number, number, number];

function boxAt({ data }: HostTensor, at: number, center: boolean): Box {
  const [a, b, c, d] = data.subarray(4 * at, 4 * at + 4);
  if (center) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);

function overlap(a: Box, b: Box): number {
  const height = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const width = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (height <= 0 || width <= 0 || area(a) <= 0 || area(b) <= 0) return 0;
  return height * width / (area(a) + area(b) - height * width);
}

/** Takes the best box that overlaps none taken so far, until there is none. */
export function nonMaxSuppressionTwin(
  [boxes, scores, count]: readonly HostTensor[],
  { most, overlapLimit, scoreLimit, center }: NonMaxSuppressionOptions,
): HostTensor[] {
  const [batch, classes, length] = scores.shape;
  const rows = batch * classes * Math.min(length, most);
  const chosen = new Float64Array(3 * rows);
  let found = 0;
  for (let line = 0; line < batch * classes; line++) {
    const b = Math.floor(line / classes);
    const score = (i: number) => scores.data[line * length + i];
    const order = Array.from({ length: count ? count.data[0] : length }, (_, i) => i)
      .filter((i) => scoreLimit === undefined || score(i) > scoreLimit)
      .sort((i, k) => score(k) - score(i) || i - k);
    const taken: Box[] = [];
    for (const i of order) {
      const box = boxAt(boxes, b * length + i, center);
      if (taken.length >= most || taken.some((other) => overlap(box, other) > overlapLimit)) continue;
      taken.push(box);
      chosen.set([b, line % classes, i], 3 * found++);
    }
  }
  return [
    { dtype: "i64", shape: [rows, 3], data: chosen },
    { dtype: "i64", shape: [1], data: Float64Array.of(found) },
  ];
}
