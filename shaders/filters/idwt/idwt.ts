import { z } from "npm:zod@4.6.7";
import type { Operation, Recorder, Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { specOf, type WaveletBorder, waveletBorderOption } from "../dwt/bands.ts";
import { slicewiseOption } from "../extents.ts";
import { type Wavelet, waveletFilters, waveletOption } from "../wavelet/coefficients.ts";
import { idwtTwin } from "./idwt_twin.ts";
import { planInverse } from "./plan.ts";
import { prepareSynthesis, recordInverseLevel } from "./synthesis.ts";

/** Options of {@linkcode idwt}. */
export interface IdwtOptions {
  /** The wavelet. Default `db2`. */
  wavelet: Wavelet;
  /** What stood beyond the border. Default `symmetric`. */
  border: WaveletBorder;
  /** The transform was one of slices, in 2-D. Default false. */
  slicewise: boolean;
  /** Pixels of each transformed axis of the result. Default: even numbers, one more than there were of odd ones. */
  size?: readonly number[];
}

/** An operation that takes the coefficients of one image: called as `idwt(r, coefficients, options)`. */
export type InverseTransform<O> =
  & Operation<O>
  & ((r: Recorder, coefficients: readonly Value[], options?: Partial<O>) => Value);

const operation: Operation<IdwtOptions> = {
  name: "idwt",
  options: optionsOf(z.strictObject({
    wavelet: waveletOption,
    border: waveletBorderOption,
    slicewise: slicewiseOption,
    size: z.array(z.int().min(0)).min(2).max(3).optional()
      .describe("Pixels of each transformed axis of the result; even numbers if not given"),
  })),
  outputs: (coefficients, options) => [specOf(planInverse(coefficients, options).at(-1)!.to)],
  cost: (coefficients, options) => {
    const inputs = coefficients.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const { to } = planInverse(coefficients, options).at(-1)!;
    const taps = waveletFilters(options.wavelet).recLo.length;
    return { bytes: 4 * (inputs + sizeOf(specOf(to).shape)), flops: 2 * taps * to.axes.length * inputs };
  },
  record: (r, coefficients, options) => {
    const levels = planInverse(coefficients, options);
    const result = specOf(levels.at(-1)!.to);
    if (sizeOf(result.shape) === 0) return [r.temporary(result)];
    const synthesis = prepareSynthesis(r, waveletFilters(options.wavelet), options.border);
    return [levels.reduce((approximation, { first, from, to }) => {
      const details = coefficients.slice(first, first + 2 ** from.axes.length - 1);
      return recordInverseLevel(r, approximation, details, from, to, synthesis);
    }, coefficients[0])];
  },
  twin: idwtTwin,
  bound: 1e-6,
};

const { name, ...declared } = operation;
const call = (r: Recorder, coefficients: readonly Value[], options: Partial<IdwtOptions> = {}): Value =>
  r.apply(operation, coefficients, options)[0];
Object.defineProperty(call, "name", { value: name });

/**
 * Inverse discrete wavelet transform of coefficients in the order in which `dwt` gives them, with the same wavelet, border
 * and axes. What `dwt` took apart it puts together again to 1e-6 of the greatest coefficient.
 *
 * - Source: conventions and values of PyWavelets' `waverecn`; `size` cuts off the pixel that it adds to odd axes.
 * - Border: none is seen for `symmetric`, whose coefficients suffice; `periodization` goes around.
 * - Complexity: `2 * taps` multiply-adds a coefficient and axis.
 * - Bound: 1e-6 of the greatest value: sums of up to 20 products per pass, each within 2e-7.
 *
 * @example
 * ```ts ignore
 * const image = engine.run((r) => filters.idwt(r, coefficients, { wavelet: "db4", size: [37, 53] }));
 * ```
 */
export const idwt: InverseTransform<IdwtOptions> = Object.assign(call, declared) as unknown as InverseTransform<
  IdwtOptions
>;
