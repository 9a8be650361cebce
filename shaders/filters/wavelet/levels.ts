import { greatestLevel } from "../dwt/bands.ts";
import type { Extents } from "../extents.ts";
import { waveletFilters } from "./coefficients.ts";
import type { WaveletOptions } from "./wavelet.ts";

/** The levels of a transform: those given, or all but the three coarsest that make sense, at least one. */
export function levelsFor(extents: Extents, { levels, wavelet }: WaveletOptions): number {
  return levels ?? Math.max(1, greatestLevel(extents, waveletFilters(wavelet).decLo.length) - 3);
}
