/** The filters that `denoise` knows, by the name that its option `filter` gives. A new one is an entry here. */
import { type Filter, filters } from "../../shaders/mod.ts";

/** A filter with the options that a calibration chooses from. */
export interface Denoiser {
  // deno-lint-ignore no-explicit-any -- filters differ in their options
  readonly filter: Filter<any>;
  /** Values to try by option: all combinations are tried. `axes` is how many axes are filtered. */
  readonly grid: (axes: number) => Readonly<Record<string, readonly number[]>>;
  /** Takes the pixels' proportions, where they are known: distances in units of the least one. */
  readonly proportional?: boolean;
  /** Options for those that the filter itself has no default for; nothing where one of them is given. */
  readonly otherwise?: (given: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** Options that a calibration adds to those given, unless they are among them. */
  readonly presumed?: (given: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

const radii = (axes: number) => ({ radius: axes === 2 ? [1, 2, 3] : [1, 2] });
/** In multiples of the noise level, which the filters estimate themselves. */
const strengths = (...strength: number[]) => () => ({ strength });

/** The filters. */
export const denoisers: Readonly<Record<string, Denoiser>> = {
  mean: { filter: filters.mean, grid: radii },
  median: { filter: filters.median, grid: radii },
  gaussian: {
    filter: filters.gaussian,
    grid: () => ({ sigmaPx: [0.3, 0.4, 0.5, 0.6, 0.75, 1, 1.25, 1.5, 2] }),
    // So light that the networks, which were trained on images as they are, do as well behind it as without any filter:
    // classes right of the truth crops of the held-back training series 88.4 % with none, 88.4 % with this one, 87.7 %
    // with a median of radius 1, 86.5 % with a sigma of 0.6.
    otherwise: ({ sigmaPx, sigmaMm }) => sigmaPx === undefined && sigmaMm === undefined ? { sigmaPx: 0.4 } : {},
  },
  bilateral: { filter: filters.bilateral, grid: strengths(0.5, 1, 1.5, 2, 3, 4, 6) },
  anisotropic: {
    filter: filters.anisotropic,
    grid: () => ({ strength: [0.75, 1, 1.5, 2.5], steps: [3, 5, 10, 20] }),
    proportional: true,
  },
  // Stronger ones suit impulses, and take a lesion of two pixels with them.
  gabor: { filter: filters.gaborBank, grid: strengths(0.5, 1, 1.5, 2, 3) },
  nlm: { filter: filters.nlm, grid: strengths(0.3, 0.5, 0.65, 0.8, 1, 1.3, 1.6) },
  wavelet: {
    filter: filters.wavelet,
    grid: strengths(0.5, 0.75, 1, 1.25, 1.5),
    // Worth a decibel on photographs, half of one on MR slices.
    presumed: () => ({ cycleSpin: 1 }),
  },
  wiener: {
    filter: filters.wiener,
    grid: radii,
    // Its own estimate of the noise takes the image's structure for noise, too.
    presumed: ({ noisePower }) => (noisePower === undefined ? { sigma: "auto" } : {}),
  },
};
