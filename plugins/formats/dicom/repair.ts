/** Brings slices that are missing, unevenly spaced, tilted or shifted onto an even grid along their normal. */
import { type Geometry, geometryOfAffine } from "../../../engine/pipeline/mod.ts";
import { cross, dot, type Slice, type Vector } from "./slice.ts";
import { mm, type Stack } from "./stack.ts";

/** A mended volume. */
export interface Repaired {
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly depth: number;
  readonly geometry: Geometry;
  /** What was done: a sentence without its dot. */
  readonly done: string;
}

/**
 * Resamples a stack linearly: along the normal at its median step, from its first slice to its last, and within the planes to where
 * the first slice's corner projects. What no slice covers takes the least value. `pixels` are [C, D, H, W].
 */
export function repaired(
  pixels: Float32Array,
  channels: number,
  { slices, heights, problems }: Stack,
): Repaired | undefined {
  const { axes, spacing, rows, columns, position } = slices[0];
  const isMendable = problems.some(({ kind }) => ["missing", "uneven", "tilt", "shifted"].includes(kind));
  if (!isMendable || axes === undefined || spacing === undefined || heights === undefined) return undefined;
  const steps = heights.slice(1).map((height, at) => height - heights[at]).sort((a, b) => a - b);
  const step = steps[Math.floor((steps.length - 1) / 2)];
  const depth = Math.round((heights.at(-1)! - heights[0]) / step) + 1;
  const background = pixels.reduce((least, value) => Math.min(least, value), Infinity);
  const size = rows * columns;
  const result = new Float32Array(channels * depth * size);
  const shifts = slices.map((slice) => shiftOf(slice, slices[0]));
  for (let z = 0, below = 0; z < depth; z++) {
    const height = Math.min(heights[0] + z * step, heights.at(-1)!);
    while (below < slices.length - 2 && heights[below + 1] <= height) below++;
    const share = (height - heights[below]) / (heights[below + 1] - heights[below]);
    for (let channel = 0; channel < channels; channel++) {
      const plane = (slice: number): Float32Array => {
        const start = (channel * slices.length + slice) * size;
        return pixels.subarray(start, start + size);
      };
      const to = result.subarray((channel * depth + z) * size, (channel * depth + z + 1) * size);
      addShifted(to, plane(below), columns, shifts[below], 1 - share, background);
      addShifted(to, plane(below + 1), columns, shifts[below + 1], share, background);
    }
  }
  const normal = cross(axes.row, axes.column);
  const affine = [0, 1, 2].flatMap((at) => [
    axes.row[at] * spacing[1],
    axes.column[at] * spacing[0],
    normal[at] * step,
    position![at],
  ]);
  return {
    pixels: result,
    depth,
    geometry: geometryOfAffine([...affine, 0, 0, 0, 1], 3),
    done: `The slices were interpolated to ${depth} of them, ${mm(step)} mm apart along their normal`,
  };
}

/** How far the corner of a slice lies from that of the first within the plane, in pixels [x, y]. */
function shiftOf({ position, axes, spacing }: Slice, first: Slice): readonly [number, number] {
  const from = position!.map((value, at) => value - first.position![at]) as unknown as Vector;
  const [dy, dx] = spacing ?? [1, 1];
  return [dot(from, axes!.row) / dx, dot(from, axes!.column) / dy];
}

/** Adds a plane times a share, each pixel taken from where it lies in the shifted plane. */
function addShifted(
  to: Float32Array,
  plane: Float32Array,
  columns: number,
  [dx, dy]: readonly [number, number],
  share: number,
  background: number,
): void {
  if (share === 0) return;
  const rows = plane.length / columns;
  const at = (x: number, y: number): number =>
    x >= 0 && y >= 0 && x < columns && y < rows ? plane[y * columns + x] : background;
  // Rounding of positions is no shift.
  const [sx, sy] = [dx, dy].map((value) => Math.abs(value - Math.round(value)) < 1e-3 ? Math.round(value) : value);
  for (let y = 0, index = 0; y < rows; y++) {
    const v = y - sy;
    const [top, low] = [Math.floor(v), v - Math.floor(v)];
    for (let x = 0; x < columns; x++, index++) {
      const u = x - sx;
      const [left, far] = [Math.floor(u), u - Math.floor(u)];
      const above = far === 0 ? at(left, top) : at(left, top) * (1 - far) + at(left + 1, top) * far;
      const below = low === 0 ? 0 : at(left, top + 1) * (1 - far) + at(left + 1, top + 1) * far;
      to[index] += share * (above * (1 - low) + below * low);
    }
  }
}
