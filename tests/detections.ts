/** Detections of two programs beside each other. */
import type { HostArray } from "../engine/mod.ts";

/** Boxes [n, 4], labels [n], scores [n] and masks [n, 1, H, W], as torchvision's detectors give them. */
export type Detections = Readonly<Record<string, HostArray>>;

/** The same box by what two have in common, or by the pixels that sides lie apart: what f32 rounds of some hundreds. */
const leastOverlap = 0.99;
const mostApart = 1e-3;

/**
 * Looks for each wanted detection among those found: the same label and the same box. Gives the share that was found, and
 * the greatest error of scores and masks of those. Detections of nearly equal scores may change places.
 */
export function matchDetections(found: Detections, wanted: Detections): { matched: number; error: number } {
  const count = wanted.labels.length;
  if (count === 0) return { matched: found.labels.length === 0 ? 1 : 0, error: 0 };
  const free = new Set(found.labels.keys());
  const pixels = wanted.masks.length / count;
  let matched = 0, error = 0;
  for (let i = 0; i < count; i++) {
    const at = [...free].find((k) =>
      found.labels[k] === wanted.labels[i] && isSameBox(found.boxes, k, wanted.boxes, i)
    );
    if (at === undefined) continue;
    free.delete(at);
    matched++;
    error = Math.max(error, Math.abs(Number(found.scores[at]) - Number(wanted.scores[i])));
    for (let p = 0; p < pixels; p++) {
      const difference = Math.abs(Number(found.masks[at * pixels + p]) - Number(wanted.masks[i * pixels + p]));
      error = Number.isNaN(difference) ? Infinity : Math.max(error, difference);
    }
  }
  return { matched: matched / Math.max(count, found.labels.length), error };
}

/**
 * Looks for each wanted box [n, 4] among those found, whatever their order. Gives the share that was found, and the
 * greatest error of those as a part of the greatest coordinate.
 */
export function matchBoxes(found: HostArray, wanted: HostArray): { matched: number; error: number } {
  const [own, count] = [found.length / 4, wanted.length / 4];
  const free = new Set(Array.from({ length: own }, (_, i) => i));
  let matched = 0, error = 0, scale = 1e-6;
  for (const coordinate of wanted) scale = Math.max(scale, Math.abs(Number(coordinate)));
  for (let i = 0; i < count; i++) {
    const at = [...free].find((k) => isSameBox(found, k, wanted, i));
    if (at === undefined) continue;
    free.delete(at);
    matched++;
    for (let side = 0; side < 4; side++) {
      error = Math.max(error, Math.abs(Number(found[4 * at + side]) - Number(wanted[4 * i + side])));
    }
  }
  return { matched: matched / Math.max(count, own, 1), error: error / scale };
}

/** Boxes overlap, or have the same sides: what was clipped to the border of an image has no area that could overlap. */
function isSameBox(a: HostArray, i: number, b: HostArray, k: number): boolean {
  const sides = (boxes: HostArray, at: number) => [0, 1, 2, 3].map((side) => Number(boxes[4 * at + side]));
  const [first, second] = [sides(a, i), sides(b, k)];
  return first.every((side, at) => Math.abs(side - second[at]) <= mostApart) || overlap(first, second) >= leastOverlap;
}

function overlap(first: readonly number[], second: readonly number[]): number {
  const side = (axis: number) =>
    Math.max(0, Math.min(first[axis + 2], second[axis + 2]) - Math.max(first[axis], second[axis]));
  const area = (box: readonly number[]) => (box[2] - box[0]) * (box[3] - box[1]);
  const shared = side(0) * side(1);
  return shared / (area(first) + area(second) - shared);
}
