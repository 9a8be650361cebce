import type { Spec } from "../../contract.ts";
import { extentsOf, forAxes, inPixels } from "../extents.ts";
import type { BilateralOptions } from "./bilateral.ts";

/** Most pixels of a radius in 2-D and in 3-D. */
export const greatestRadius = { image: 50, volume: 10 } as const;

/** The strength where neither it nor `sigmaColor` is given. */
export const defaultStrength = 2;

/** Radius and standard deviation in pixels for each filtered axis; throws where options and image don't fit. */
export function bilateralScales(image: Spec, options: BilateralOptions): { radii: number[]; sigmas: number[] } {
  const extents = extentsOf("bilateral", image, options.slicewise);
  const { axes } = extents;
  const radii = forAxes("radius", options.radius, axes);
  const greatest = Math.max(...radii);
  if (axes.length === 3 && greatest > greatestRadius.volume) {
    throw new RangeError(
      `radius is ${greatest}, but at most ${greatestRadius.volume} in 3-D: take a smaller one, or slicewise`,
    );
  }
  const sigmas = options.sigmaSpaceMm !== undefined
    ? inPixels(extents, forAxes("sigmaSpaceMm", options.sigmaSpaceMm, axes), options.spacing ?? [])
    : options.sigmaSpacePx !== undefined
    ? forAxes("sigmaSpacePx", options.sigmaSpacePx, axes)
    : radii.map((radius) => Math.max(1, radius) / 2);
  return { radii, sigmas };
}
