import type { Spec } from "../../contract.ts";
import { type Axis, countAlong, type Extents, extentsOf } from "../extents.ts";

/** The extents of an image or a volume and the last `dimensions` of its axes, by default all spatial ones. */
export function axesOf(
  filter: string,
  image: Spec,
  dimensions: number | undefined,
): { extents: Extents; axes: readonly Axis[] } {
  const extents = extentsOf(filter, image, false);
  const { spatial } = extents;
  const count = dimensions ?? spatial.length;
  if (count > spatial.length) {
    throw new RangeError(
      `${filter}: dimensions is ${count}, but [${image.shape.join(", ")}] has ${spatial.length} spatial axes (${
        spatial.join(", ")
      }): give at most ${spatial.length}`,
    );
  }
  return { extents, axes: spatial.slice(spatial.length - count) };
}

/** The image or volume that a complex tensor `[2, ...]` has two of. */
export function withoutParts(filter: string, { dtype, shape }: Spec): Spec {
  if (shape[0] === 2 && (shape.length === 4 || shape.length === 5)) return { dtype, shape: shape.slice(1) };
  throw new RangeError(
    `${filter} takes complex numbers as [2, C, H, W] or [2, C, D, H, W], real parts first, not as [${
      shape.join(", ")
    }]: put the two parts side by side along a leading axis`,
  );
}

/** Operations of a complex transform along some axes: 5 N log2 N per line. */
export function transformFlops(extents: Extents, axes: readonly Axis[]): number {
  const size = extents.channels * extents.depth * extents.height * extents.width;
  return axes.reduce((sum, axis) => sum + 5 * size * Math.log2(Math.max(1, countAlong(extents, axis))), 0);
}
