import { z } from "npm:zod@4.6.7";
import { type Biorthogonal, factoredPair, splinePair } from "./families/biorthogonal.ts";
import { coiflet } from "./families/coiflet.ts";
import { daubechies, symlet } from "./families/daubechies.ts";

/** The four filters of a wavelet, of equal even length, as PyWavelets orders and pads them. */
export interface WaveletFilters {
  /** Decomposing low-pass filter. */
  readonly decLo: readonly number[];
  /** Decomposing high-pass filter. */
  readonly decHi: readonly number[];
  /** Reconstructing low-pass filter. */
  readonly recLo: readonly number[];
  /** Reconstructing high-pass filter. */
  readonly recHi: readonly number[];
}

/**
 * Name of a wavelet, as PyWavelets has it: Daubechies' `dbN`, symlets `symN` and coiflets `coifN` are orthogonal, with N
 * (coiflets: 2 N) vanishing moments; `biorR.D` are biorthogonal and symmetric, from splines but for 4.4, 5.5 and 6.8.
 */
export type Wavelet =
  | `db${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`
  | `sym${4 | 5 | 6 | 7 | 8}`
  | `coif${1 | 2 | 3}`
  | `bior${"1.1" | "1.3" | "1.5" | "2.2" | "2.4" | "2.6" | "2.8"}`
  | `bior${"3.1" | "3.3" | "3.5" | "3.7" | "3.9" | "4.4" | "5.5" | "6.8"}`;

/** Names of all wavelets. */
export const wavelets: readonly Wavelet[] = [
  ...["db1", "db2", "db3", "db4", "db5", "db6", "db7", "db8"] as const,
  ...["sym4", "sym5", "sym6", "sym7", "sym8", "coif1", "coif2", "coif3"] as const,
  ...["bior1.1", "bior1.3", "bior1.5", "bior2.2", "bior2.4", "bior2.6", "bior2.8"] as const,
  ...["bior3.1", "bior3.3", "bior3.5", "bior3.7", "bior3.9", "bior4.4", "bior5.5", "bior6.8"] as const,
];

/** The option `wavelet` of a schema. */
export const waveletOption: z.ZodType<Wavelet> = z.enum(wavelets).default("db2")
  .describe("The wavelet, by its name in PyWavelets");

const known = new Map<Wavelet, WaveletFilters>();

/** The filters of a wavelet, derived in f64 from the family's definition; errors stay below 1e-11. */
export function waveletFilters(wavelet: Wavelet): WaveletFilters {
  const filters = known.get(wavelet) ?? deriveFilters(wavelet);
  known.set(wavelet, filters);
  return filters;
}

function deriveFilters(wavelet: Wavelet): WaveletFilters {
  const [, family, numbers] = wavelet.match(/^([a-z]+)([\d.]+)$/)!;
  const [first, second] = numbers.split(".").map(Number);
  if (family === "bior") return padded(biorthogonal(first, second));
  const recLo = { db: daubechies, sym: symlet, coif: coiflet }[family]!(first);
  return withHighPass(recLo.toReversed(), recLo);
}

function biorthogonal(reconstruction: number, decomposition: number): Biorthogonal {
  switch (`${reconstruction}.${decomposition}`) {
    case "4.4":
      return factoredPair(4, 4, [0]);
    case "5.5":
      // Filters of odd length have even numbers of zeros at -1: 6 and 4 of the ten.
      return factoredPair(6, 4, [0]);
    case "6.8":
      return factoredPair(6, 8, [1]);
    default:
      return splinePair(reconstruction, decomposition);
  }
}

/** Filters of even length have their centers in the middle, those of odd length on both sides of it. */
function padded({ reconstruction, decomposition }: Biorthogonal): WaveletFilters {
  const longest = Math.max(reconstruction.length, decomposition.length);
  const length = 2 * Math.ceil(longest / 2);
  const pad = (filter: number[], before: number) => Array.from({ length }, (_, index) => filter[index - before] ?? 0);
  return withHighPass(
    pad(decomposition, Math.ceil((length - decomposition.length) / 2)),
    pad(reconstruction, Math.floor((length - reconstruction.length) / 2)),
  );
}

/** The high-pass filters are the other side's low-pass filters with every other sign turned. */
function withHighPass(decLo: readonly number[], recLo: readonly number[]): WaveletFilters {
  return {
    decLo,
    decHi: recLo.map((value, index) => index % 2 === 0 ? -value : value),
    recLo,
    recHi: decLo.map((value, index) => index % 2 === 0 ? value : -value),
  };
}
