import type { Spec } from "../../contract.ts";
import { greatestLevel } from "../dwt/bands.ts";
import { type Extents, extentsOf } from "../extents.ts";
import { waveletFilters } from "./coefficients.ts";
import type { WaveletOptions } from "./wavelet.ts";

/** The levels of a transform: those given, or all but the three coarsest that make sense, at least one. */
export function levelsFor(extents: Extents, { levels, wavelet }: WaveletOptions): number {
  return levels ?? Math.max(1, greatestLevel(extents, waveletFilters(wavelet).decLo.length) - 3);
}

/** The axes of an image; a volume of one layer is filtered as an image, as it has no details along z. */
export function waveletExtents(image: Spec, slicewise: boolean): Extents {
  return extentsOf("wavelet", image, slicewise || (image.shape.length === 4 && image.shape[1] === 1));
}
