/** The bank of filters of `gaborBank`, Gaussians in the frequency domain. */

/** A Gaussian around a frequency, in cycles per pixel: exp(-|w - center|^2 / (2 width^2)). */
export interface Bump {
  /** The center along each filtered axis, in the tensor's order. */
  readonly center: readonly number[];
  readonly width: number;
}

/** Distances of the bumps' centers from the frequency 0, and their width as a part of it. */
const frequencies = [0.35, 0.18, 0.09];
const relativeWidth = 0.4;

/** Widths of the low pass, and of the Gaussian that the high pass is 1 less. */
const lowWidth = 0.05;
const highWidth = 0.3;

/** Six directions of the plane, 30 degrees apart, as (y, x). */
const planar = Array.from({ length: 6 }, (_, k) => [Math.sin(Math.PI * k / 6), Math.cos(Math.PI * k / 6)]);

/**
 * Sixteen directions of space, (z, y, x), at most 42 degrees from their neighbors: through the vertices of an icosahedron
 * and the middles of its faces.
 */
const spatial = (() => {
  const golden = (1 + Math.sqrt(5)) / 2;
  const cyclic = ([a, b, c]: number[]) => [[a, b, c], [c, a, b], [b, c, a]];
  const mirrored = ([a, b, c]: number[]) => [[a, b, c], [a, -b, c]];
  const vertices = mirrored([0, 1, golden]).flatMap(cyclic);
  const faces = [...mirrored([0, 1 / golden, golden]).flatMap(cyclic), [1, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]];
  return [...vertices, ...faces].map((direction) => {
    const length = Math.hypot(...direction);
    return direction.map((part) => part / length);
  });
})();

/** The bumps of all frequencies and directions; with their opposites they are symmetric along each axis. */
export function directedBumps(dimensions: number): Bump[] {
  const directions = dimensions === 3 ? spatial : planar;
  return frequencies.flatMap((frequency) =>
    directions.map((direction) => ({
      center: direction.map((part) => frequency * part),
      width: relativeWidth * frequency,
    }))
  );
}

/** The low pass, and the Gaussian that the high pass is 1 less. */
export function centralBumps(dimensions: number): { low: Bump; high: Bump } {
  const center = new Array<number>(dimensions).fill(0);
  return { low: { center, width: lowWidth }, high: { center, width: highWidth } };
}

/** The frequency of an index of a transform, in cycles per pixel: -1/2 to 1/2, without the upper end. */
export function frequencyOf(index: number, count: number): number {
  return (2 * index < count ? index : index - count) / count;
}

/** A bump's factor along one axis for each frequency of the transform; `sign` -1 turns the bump around. */
export function along({ center, width }: Bump, axis: number, count: number, sign: 1 | -1 = 1): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => {
    const away = frequencyOf(index, count) - sign * center[axis];
    return Math.exp(-(away ** 2) / (2 * width ** 2));
  });
}
