import type { Spec } from "../../contract.ts";
import { pixelCount, withCount } from "../dwt/bands.ts";
import { type Axis, countAlong, type Extents, extentsOf } from "../extents.ts";
import { waveletFilters } from "../wavelet/coefficients.ts";
import type { IdwtOptions } from "./idwt.ts";

/** One level of the inverse transform: its details, the extents of its coefficients and of its result. */
export interface InverseLevel {
  /** Number of its first detail among the inputs. */
  readonly first: number;
  readonly from: Extents;
  readonly to: Extents;
}

/** The levels from the coarsest on; throws where the coefficients don't fit together. */
export function planInverse(coefficients: readonly Spec[], { wavelet, border, slicewise, size }: IdwtOptions) {
  if (coefficients.length === 0) throw new RangeError("idwt needs coefficients, as dwt gives them, but got none");
  const extents = coefficients.map((spec) => extentsOf("idwt", spec, slicewise));
  const { axes, spatial } = extents[0];
  const details = 2 ** axes.length - 1;
  if (coefficients.length < 1 + details || (coefficients.length - 1) % details !== 0) {
    throw new RangeError(
      `idwt got ${coefficients.length} arrays of coefficients, but ${axes.length} axes (${
        axes.join(", ")
      }) take one and ${details} a level: give them as dwt does`,
    );
  }
  const taps = waveletFilters(wavelet).recLo.length;
  const levels: InverseLevel[] = [];
  let at = extents[0];
  for (let first = 1; first < coefficients.length; first += details) {
    for (let index = first; index < first + details; index++) checkSame(coefficients, index, at);
    const most = axes.reduce((full, axis) => withCount(full, axis, pixelCount(countAlong(at, axis), taps, border)), at);
    const next = first + details < coefficients.length
      ? extents[first + details]
      : size === undefined
      ? most
      : sized(most, size, axes);
    checkReached(next, most, axes, spatial);
    levels.push({ first, from: at, to: next });
    at = next;
  }
  return levels;
}

function checkSame(coefficients: readonly Spec[], index: number, { channels, depth, height, width, spatial }: Extents) {
  const expected = spatial.length === 3 ? [channels, depth, height, width] : [channels, height, width];
  if (String(coefficients[index].shape) !== String(expected)) {
    throw new RangeError(
      `idwt got [${coefficients[index].shape.join(", ")}] as array ${index} of the coefficients, but its level has [${
        expected.join(", ")
      }]: give them as dwt does`,
    );
  }
}

function sized(most: Extents, size: readonly number[], axes: readonly Axis[]): Extents {
  if (size.length !== axes.length) {
    throw new RangeError(
      `size has ${size.length} numbers, but ${axes.length} axes are transformed (${axes.join(", ")})`,
    );
  }
  return axes.reduce((at, axis, index) => withCount(at, axis, size[index]), most);
}

/** What a level can make: as many pixels as its coefficients give, or one fewer where their number was odd. */
function checkReached(next: Extents, most: Extents, axes: readonly Axis[], spatial: readonly Axis[]): void {
  for (const axis of spatial) {
    const [wanted, given] = [countAlong(next, axis), countAlong(most, axis)];
    const fits = wanted === given || (axes.includes(axis) && given > 1 && wanted === given - 1);
    if (!fits || next.channels !== most.channels) {
      throw new RangeError(
        `idwt makes ${given} or one fewer along ${axis} of these coefficients, not ${wanted}: check wavelet, border and size`,
      );
    }
  }
}
