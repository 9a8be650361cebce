import { z } from "npm:zod@4.6.7";
import type { Operation, Recorder, Spec, Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { extentsOf, slicewiseOption } from "../extents.ts";
import { type Wavelet, waveletFilters, waveletOption } from "../wavelet/coefficients.ts";
import { prepareAnalysis, recordLevel } from "./analysis.ts";
import { coefficientExtents, levelsOption, specOf, type WaveletBorder, waveletBorderOption } from "./bands.ts";
import { dwtTwin } from "./dwt_twin.ts";

/** Options of {@linkcode dwt}. */
export interface DwtOptions {
  /** The wavelet. Default `db2`. */
  wavelet: Wavelet;
  /** How often the approximation is transformed again. Default 1. */
  levels: number;
  /** How the image continues beyond the border. Default `symmetric`. */
  border: WaveletBorder;
  /** Transform the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

/** An operation that gives the coefficients of one image: called as `dwt(r, image, options)`. */
export type Transform<O> = Operation<O> & ((r: Recorder, image: Value, options?: Partial<O>) => Value[]);

const operation: Operation<DwtOptions> = {
  name: "dwt",
  options: optionsOf(z.strictObject({
    wavelet: waveletOption,
    levels: levelsOption.default(1).describe("How often the approximation is transformed again"),
    border: waveletBorderOption,
    slicewise: slicewiseOption,
  })),
  outputs: ([image], options) => dwtOutputs(image, options),
  cost: ([image], options) => {
    const outputs = dwtOutputs(image, options).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const axes = extentsOf("dwt", image, options.slicewise).axes.length;
    const taps = waveletFilters(options.wavelet).decLo.length;
    return { bytes: 4 * (sizeOf(image.shape) + outputs), flops: 2 * taps * axes * outputs };
  },
  record: (r, [image], options) => {
    if (sizeOf(image.shape) === 0) return dwtOutputs(image, options).map((spec) => r.temporary(spec));
    const analysis = prepareAnalysis(r, waveletFilters(options.wavelet), options.border);
    let extents = extentsOf("dwt", image, options.slicewise);
    let approximation = image;
    const details: Value[] = [];
    for (let level = 0; level < options.levels; level++) {
      const next = recordLevel(r, approximation, extents, analysis);
      details.unshift(...next.details);
      ({ approximation, extents } = next);
    }
    return [approximation, ...details];
  },
  twin: dwtTwin,
  bound: 6e-6,
};

const { name, ...declared } = operation;
const call = (r: Recorder, image: Value, options: Partial<DwtOptions> = {}): Value[] =>
  r.apply(operation, [image], options);
Object.defineProperty(call, "name", { value: name });

/**
 * Discrete wavelet transform of an image `[C, H, W]` or a volume `[C, D, H, W]`: a list of the approximation of the
 * coarsest level and the details of each level, the coarsest first.
 *
 * - Details of a level in 2-D: `da`, `ad`, `dd`, a letter for each axis in the tensor's order, `d` for high-pass, as
 *   PyWavelets' (horizontal, vertical, diagonal). In 3-D: `aad`, `ada`, `add`, `daa`, `dad`, `dda`, `ddd`.
 * - Source: S. Mallat, IEEE PAMI 11, 1989; conventions and values of PyWavelets' `wavedecn` with `level` given.
 * - Border: `symmetric` or `periodization` (see `WaveletBorder`). Any size from one pixel up, also below the filter's.
 * - Input: f32 in any range; coefficients have the image's unit and grow by `sqrt(2)` a level and axis.
 * - Complexity: `2 * taps` multiply-adds per pixel and axis; 4/3 of that for all levels in 2-D, 8/7 in 3-D.
 * - Bound: 6e-6 of a band's greatest value: sums of up to 20 products per pass, each within 4e-7 of the pixels, of
 *   which a small band keeps little.
 *
 * @example
 * ```ts ignore
 * const [approximation, ...details] = engine.run((r) => filters.dwt(r, image, { wavelet: "db4", levels: 3 }));
 * ```
 */
export const dwt: Transform<DwtOptions> = Object.assign(call, declared) as unknown as Transform<DwtOptions>;

/** Type and shape of the approximation and the details. */
function dwtOutputs(image: Spec, { wavelet, levels, border, slicewise }: DwtOptions): Spec[] {
  const taps = waveletFilters(wavelet).decLo.length;
  let extents = extentsOf("dwt", image, slicewise);
  const details: Spec[] = [];
  for (let level = 0; level < levels; level++) {
    extents = coefficientExtents(extents, taps, border);
    const spec = specOf(extents);
    details.unshift(...Array.from({ length: 2 ** extents.axes.length - 1 }, () => spec));
  }
  return [specOf(extents), ...details];
}
