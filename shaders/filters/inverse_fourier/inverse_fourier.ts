import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter, type Spec } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { type Axis, countAlong } from "../extents.ts";
import { axesOf, transformFlops, withoutParts } from "../fourier/axes.ts";
import { dimensionsOption } from "../fourier/fourier.ts";
import { chooseTransform, lineLengths, transformForms } from "../fourier/line.ts";
import { halfOf, inverseReal, joinParts, splitParts, transformComplex, transformRows } from "../fourier/spectrum.ts";
import { inverseFourierTwin } from "./inverse_fourier_twin.ts";

/** Options of {@linkcode inverseFourier}. */
export interface InverseFourierOptions {
  /** How many of the last axes are transformed, 1 to 3. Default all spatial ones: 2 of an image, 3 of a volume. */
  dimensions?: 1 | 2 | 3;
  /** The result is complex, `[2, ...]`; otherwise the spectrum is that of a real image. Default false. */
  complex: boolean;
}

const schema: z.ZodType<InverseFourierOptions> = z.strictObject({
  dimensions: dimensionsOption,
  complex: z.boolean().default(false).describe("The result is [2, ...]: real parts, then imaginary parts"),
});

/** What {@linkcode inverseFourier} and its twin find in their input. */
export function inverseGeometry(input: Spec, { dimensions, complex }: InverseFourierOptions) {
  const image = withoutParts("inverseFourier", input);
  const { extents, axes } = axesOf("inverseFourier", image, dimensions);
  const count = axes.reduce((product, axis) => product * countAlong(extents, axis), 1);
  return { extents, axes, count, shape: complex ? [2, ...image.shape] : image.shape };
}

/** Whether subgroups can make whole lines: of the spectrum of a real image, along x or z. */
function servesLanes([input]: readonly Spec[], options: InverseFourierOptions): boolean {
  const { extents, axes, shape } = inverseGeometry(input, options);
  const isLine = (axis: Axis) => axis !== "y" && lineLengths.includes(countAlong(extents, axis));
  return !options.complex && axes.includes("y") && axes.some(isLine) && sizeOf(shape) > 0;
}

/**
 * The inverse of {@linkcode fourier}: `x(n) = 1/N sum over k of X(k) exp(2 pi i k n / N)` along the last axes.
 *
 * - Source: `numpy.fft.ifftn` with `complex: true`, else `numpy.fft.irfftn`.
 * - Input: `[2, C, H, W]` or `[2, C, D, H, W]`, real parts, then imaginary parts. Output: the image or volume without the
 *   leading axis, or with it (`complex: true`). The spectrum of a real image has conjugate opposites: of it the frequencies
 *   along y up to half the height are read. Of another spectrum take the complex result's real part.
 * - Lengths, complexity and the bound's reason as {@linkcode fourier}; the bound is of the spectrum's greatest value.
 *
 * @example
 * ```ts ignore
 * const image = engine.run((r) => filters.inverseFourier(r, spectrum));
 * ```
 */
export const inverseFourier: Filter<InverseFourierOptions> = defineOperation<InverseFourierOptions>({
  name: "inverseFourier",
  options: optionsOf(schema),
  outputs: ([input], options) => [{ dtype: "f32", shape: inverseGeometry(input, options).shape }],
  cost: ([input], options) => {
    const { extents, axes, shape } = inverseGeometry(input, options);
    const flops = transformFlops(extents, axes) / (options.complex ? 1 : 2);
    return { bytes: 4 * (sizeOf(input.shape) + sizeOf(shape)), flops };
  },
  forms: transformForms(servesLanes),
  choose: chooseTransform(servesLanes),
  record: (r, [input], options, form) => {
    const { extents, axes, count, shape } = inverseGeometry(input, options);
    if (sizeOf(shape) === 0) return [r.temporary({ dtype: "f32", shape })];
    const scale = 1 / count;
    if (!options.complex && axes.includes("y")) {
      const half = joinParts(r, input, extents, "rows", { rows: halfOf(extents.height) });
      return [inverseReal(r, half, extents, axes, { scale, lanes: form === "lanes" })];
    }
    const numbers = joinParts(r, input, extents, "columns");
    const inverse = true;
    if (axes.length === 1) {
      return [splitParts(r, transformRows(r, numbers, extents, { inverse, scale }), extents, "rows", shape)];
    }
    return [splitParts(r, transformComplex(r, numbers, extents, axes, { inverse, scale }), extents, "columns", shape)];
  },
  twin: inverseFourierTwin,
  bound: 1e-6,
});
