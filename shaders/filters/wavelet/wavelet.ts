import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter, type Recorder, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { type Analysis, type Level, prepareAnalysis, recordLevel } from "../dwt/analysis.ts";
import { levelsOption, type WaveletBorder, waveletBorderOption } from "../dwt/bands.ts";
import { normalMedian } from "../estimate_sigma/estimate_sigma_twin.ts";
import { recordMedian } from "../estimate_sigma/median_magnitude.ts";
import { type Extents, extentsOf, slicewiseOption } from "../extents.ts";
import { prepareSynthesis, recordInverseLevel, type Synthesis } from "../idwt/synthesis.ts";
import { checkNoiseInput, type NoiseLevel, noiseLevel, noiseLevelOption } from "../noise_level.ts";
import { type Wavelet, waveletFilters, waveletOption } from "./coefficients.ts";
import { recordSpins } from "./cycle_spin.ts";
import { levelsFor, waveletExtents } from "./levels.ts";
import { recordThresholds, type ShrinkMethod } from "./thresholds.ts";
import { waveletTwin } from "./wavelet_twin.ts";

/** Options of {@linkcode wavelet}. */
export interface WaveletOptions {
  /** The wavelet. Default `db2`. */
  wavelet: Wavelet;
  /** Levels of the transform. Default: all possible levels except the three coarsest, at least one. */
  levels?: number;
  /** How thresholds are chosen. Default `BayesShrink`. */
  method: ShrinkMethod;
  /** What happens to coefficients above the threshold: `soft` reduces their magnitude by it, `hard` keeps them. */
  threshold: "soft" | "hard";
  /** Standard deviation of the noise. Default `auto`: from the finest diagonal coefficients of each channel. */
  sigma: NoiseLevel;
  /** Multiplies the noise level. Default 1. */
  strength: number;
  /** How the image continues beyond the border. Default `symmetric`. */
  border: WaveletBorder;
  /** Takes the mean over all circular shifts of 0 to this many pixels along every axis. Default 0. */
  cycleSpin: number;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<WaveletOptions> = z.strictObject({
  wavelet: waveletOption,
  levels: levelsOption.optional()
    .describe("Levels of the transform; if not given all but the three coarsest that make sense, at least one"),
  method: z.enum(["VisuShrink", "BayesShrink", "SureShrink"]).default("BayesShrink")
    .describe("How thresholds are chosen"),
  threshold: z.enum(["soft", "hard"]).default("soft")
    .describe("Coefficients above the threshold come nearer to 0 by it (soft) or stay as they are (hard)"),
  sigma: noiseLevelOption,
  strength: z.number().min(0).default(1).describe("Multiplies the noise level"),
  border: waveletBorderOption,
  cycleSpin: z.int().min(0).max(8).default(0)
    .describe("Takes the mean over all circular shifts of 0 to so many pixels along every axis"),
  slicewise: slicewiseOption,
});

/**
 * Denoises by shrinking the details of a wavelet transform.
 *
 * - Sources: D. Donoho, I. Johnstone, Biometrika 81, 1994 (`VisuShrink`, the threshold `sigma sqrt(2 ln N)` for N
 *   pixels); the same, JASA 90, 1995 (`SureShrink`: of a band's magnitudes that of least risk by Stein's estimate); S.
 *   Chang, B. Yu, M. Vetterli, IEEE TIP 9, 2000 (`BayesShrink`: `sigma^2 / sqrt(mean c^2 - sigma^2)` for each band); R.
 *   Coifman, D. Donoho, 1995 (cycle spinning). Values as scikit-image's `denoise_wavelet` and `cycle_spin`.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32; the output has the same unit and isn't clipped.
 *   Squares of pixels must lie within f32: magnitudes of 1e-15 to 1e15. Channels, and slices with `slicewise`, are
 *   independent. A second input f32 `[C]` replaces `sigma`.
 * - `sigma` of `auto` is the median of the magnitudes of the finest diagonal coefficients, other than 0, divided by
 *   0.6745: of this wavelet, and of each shift separately.
 * - A volume of one layer is filtered as an image. Along other axes of one pixel there are no details either, so that
 *   `sigma` has to be given.
 * - Border: `symmetric` or `periodization` (see `WaveletBorder`). A volume of more than 2,048 layers in all channels
 *   isn't a texture: it must be small enough to be bound at once, or be filtered `slicewise`.
 * - Memory: the details of all levels take as much as the image; with the passes between them some 4 images besides it
 *   and its result. SureShrink has all coefficients in one buffer twice, which must be bound at once: 33 million in 128
 *   MiB.
 * - Complexity: `4 * taps` multiply-adds per pixel and axis, times 4/3 in 2-D or 8/7 in 3-D for all levels; SureShrink
 *   sorts the coefficients by radix in 8 passes. Times `(cycleSpin + 1)^axes`.
 * - Bound: 4e-6 of the greatest value: transforms are within 1e-6 each, and BayesShrink's threshold takes the
 *   difference of two near numbers where there is little signal. A coefficient that equals a hard threshold up to
 *   rounding may be kept or not, and of two thresholds of equal risk SureShrink may choose either.
 *
 * @example
 * ```ts ignore
 * const clean = engine.run((r) => filters.wavelet(r, image, { wavelet: "db4", cycleSpin: 2 }));
 * ```
 */
export const wavelet: Filter<WaveletOptions> = defineOperation<WaveletOptions>({
  name: "wavelet",
  options: optionsOf(schema),
  outputs: ([image, sigma], options) => {
    waveletExtents(image, options.slicewise);
    checkNoiseInput("wavelet", image, sigma);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const { axes } = waveletExtents(image, options.slicewise);
    const taps = waveletFilters(options.wavelet).decLo.length;
    const share = 1 / (1 - 0.5 ** axes.length);
    const size = sizeOf(image.shape);
    return { bytes: 8 * size, flops: 4 * taps * axes.length * share * size * (options.cycleSpin + 1) ** axes.length };
  },
  record: (r, inputs, options) => {
    const [image] = inputs;
    if (sizeOf(image.shape) === 0) return [r.temporary({ dtype: "f32", shape: image.shape })];
    const imageExtents = waveletExtents(image, options.slicewise);
    // Slices are filtered as channels of an image, which share their channel's noise level.
    const sliced = imageExtents.axes.length < imageExtents.spatial.length;
    const [channels, height, width] = [
      imageExtents.channels * imageExtents.depth,
      imageExtents.height,
      imageExtents.width,
    ];
    const extents = sliced
      ? extentsOf("wavelet", { dtype: "f32", shape: [channels, height, width] }, false)
      : imageExtents;
    const input = sliced ? r.reshape(image, [channels, height, width]) : image;
    const estimated = inputs.length === 1 && options.sigma === "auto";
    const level = estimated
      ? undefined
      : { sigma: noiseLevel(r, inputs, options.sigma), sharing: sliced ? imageExtents.depth : 1 };
    const filters = waveletFilters(options.wavelet);
    const analysis = prepareAnalysis(r, filters, options.border);
    const synthesis = prepareSynthesis(r, filters, options.border);
    const result = recordSpins(
      r,
      input,
      extents,
      options.cycleSpin,
      (shifted) => recordShrinkage(r, shifted, extents, options, { analysis, synthesis, noise: level }),
    );
    return [sliced ? r.reshape(result, image.shape) : result];
  },
  twin: waveletTwin,
  bound: 4e-6,
});

/** What all shifts of an image share. */
interface Prepared {
  readonly analysis: Analysis;
  readonly synthesis: Synthesis;
  /** The noise level of each `sharing` channels, if it isn't to be estimated. */
  readonly noise: { readonly sigma: Value; readonly sharing: number } | undefined;
}

function recordShrinkage(
  r: Recorder,
  image: Value,
  extents: Extents,
  options: WaveletOptions,
  { analysis, synthesis, noise: known }: Prepared,
): Value {
  const levels: Level[] = [];
  for (let count = levelsFor(extents, options); count > 0; count--) {
    const last = levels.at(-1);
    levels.push(recordLevel(r, last?.approximation ?? image, last?.extents ?? extents, analysis));
  }
  const finest = levels[0];
  const noise = known ??
    { sigma: recordMedian(r, finest.details.at(-1)!, finest.extents, 1 / normalMedian), sharing: 1 };
  const bands = levels.flatMap(({ details, extents }) => details.map((value) => ({ value, extents })));
  const { channels, depth, height, width } = extents;
  const thresholds = recordThresholds(r, options.method, {
    bands,
    channels,
    ...noise,
    strength: options.strength,
    pixels: depth * height * width,
  });
  const details = finest.details.length;
  return levels.reduceRight((approximation, level, index) => {
    const to = index === 0 ? extents : levels[index - 1].extents;
    const shrinkage = { thresholds, first: index * details, hard: options.threshold === "hard" };
    return recordInverseLevel(
      r,
      approximation,
      level.details,
      level.extents,
      to,
      synthesis,
      shrinkage,
    );
  }, levels.at(-1)!.approximation);
}
