/** Which pixels belong to a window: all of a box, or those of the ellipsoid within it. */
export type WindowShape = "ball" | "square";

/**
 * Whether an offset belongs to a window: `|offset| <= radius` along each axis and, for a ball, the sum of
 * `(offset / radius)^2` at most 1, in whole numbers; with equal radii that is `|offset| <= radius`.
 */
export function insideWindow(offset: readonly number[], radii: readonly number[], window: WindowShape): boolean {
  if (offset.some((step, axis) => Math.abs(step) > radii[axis])) return false;
  if (window === "square") return true;
  const { factors, limit } = ballRule(radii);
  return offset.reduce((sum, step, axis) => sum + factors[axis] * step * step, 0) <= limit;
}

/** The ball as whole numbers: an offset belongs to it where the sum of `factor * step * step` is at most `limit`. */
export function ballRule(radii: readonly number[]): { factors: number[]; limit: number } {
  // An axis of radius 0 has no other step than 0.
  const squares = radii.map((radius) => Math.max(1, radius) ** 2);
  const limit = squares.reduce((product, square) => product * square, 1);
  return { factors: squares.map((square) => limit / square), limit };
}

/** How far each row of a window `[z, y, x]` reaches to either side along x, row-major; -1 where it has no pixel. */
export function rowReaches(radii: readonly [number, number, number], window: WindowShape): Int32Array {
  const [radiusZ, radiusY, radiusX] = radii;
  const reaches: number[] = [];
  for (let dz = -radiusZ; dz <= radiusZ; dz++) {
    for (let dy = -radiusY; dy <= radiusY; dy++) {
      let reach = radiusX;
      while (reach >= 0 && !insideWindow([dz, dy, reach], radii, window)) reach--;
      reaches.push(reach);
    }
  }
  return Int32Array.from(reaches);
}

/** The number of pixels of a window whose rows reach that far. */
export function countTaps(reaches: Int32Array): number {
  return reaches.reduce((sum, reach) => sum + 2 * reach + 1, 0) + reaches.filter((reach) => reach < 0).length;
}
