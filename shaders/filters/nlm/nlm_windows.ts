import type { Spec } from "../../contract.ts";
import { type Axis, type Extents, extentsOf, forAxes, type PerAxis } from "../extents.ts";
import type { NlmOptions } from "./nlm.ts";

/** One number along each axis. */
export type AlongAxes = Readonly<Record<Axis, number>>;

/** What the options of non-local means say for an image. */
export interface NlmWindows {
  readonly extents: Extents;
  /** Radii of the patch; 0 along an axis that isn't filtered. */
  readonly patch: AlongAxes;
  /** Radii of the search window; 0 along an axis that isn't filtered. */
  readonly search: AlongAxes;
  /** Weights of a patch's pixels along each axis at the distances 0, 1, ... from its middle, which has 1. */
  readonly weights: Readonly<Record<Axis, readonly number[]>>;
  /** The sum of the weights of all pixels of a patch. */
  readonly sum: number;
  /** The filter's h is `h + strength * sigma`. */
  readonly h: number;
  readonly strength: number;
}

/** Without `h` and `strength`. */
const defaultStrength = 0.8;

/** Resolves the options for an image; throws where the two don't fit. */
export function nlmWindows(image: Spec, options: NlmOptions): NlmWindows {
  const extents = extentsOf("nlm", image, options.slicewise);
  const solid = extents.axes.length === 3;
  const patch = alongAxes(extents, "patchRadius", options.patchRadius ?? (solid ? 1 : 2));
  const search = alongAxes(extents, "searchRadius", options.searchRadius ?? (solid ? 2 : 5));
  const weights = {
    z: patchWeights(patch.z, options.patchWeights),
    y: patchWeights(patch.y, options.patchWeights),
    x: patchWeights(patch.x, options.patchWeights),
  };
  const along = (list: readonly number[]) =>
    list.reduce((sum, weight, distance) => sum + (distance ? 2 : 1) * weight, 0);
  return {
    extents,
    patch,
    search,
    weights,
    sum: along(weights.z) * along(weights.y) * along(weights.x),
    h: options.h ?? 0,
    strength: options.h === undefined ? options.strength ?? defaultStrength : 0,
  };
}

function alongAxes(extents: Extents, option: string, value: PerAxis): AlongAxes {
  const radii = forAxes(option, value, extents.axes);
  const along = (axis: Axis) => extents.axes.includes(axis) ? radii[extents.axes.indexOf(axis)] : 0;
  return { z: along("z"), y: along("y"), x: along("x") };
}

/** A Gaussian with a standard deviation of half the radius, or equal weights. */
function patchWeights(radius: number, kind: NlmOptions["patchWeights"]): number[] {
  return Array.from(
    { length: radius + 1 },
    (_, distance) => kind === "box" || distance === 0 ? 1 : Math.exp(-2 * (distance / radius) ** 2),
  );
}
