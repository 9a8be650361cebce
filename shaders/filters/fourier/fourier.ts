import { z } from "npm:zod@4.6.7";
import { defineOperation, type Filter, type Spec } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import type { Axis } from "../extents.ts";
import { axesOf, transformFlops, withoutParts } from "./axes.ts";
import { transformLanes } from "./lanes.ts";
import { chooseTransform, lineLengths, transformForms } from "./line.ts";
import {
  halfOf,
  joinParts,
  mirrorParts,
  splitParts,
  transformColumns,
  transformComplex,
  transformReal,
  transformRows,
} from "./spectrum.ts";
import { firstColumnsTwin, joinTwin, partsTwin, realTwin, transformTwin } from "./fourier_twin.ts";

/** Options of {@linkcode fourier}. */
export interface FourierOptions {
  /** How many of the last axes are transformed, 1 to 3. Default all spatial ones: 2 of an image, 3 of a volume. */
  dimensions?: 1 | 2 | 3;
  /** The input is complex, `[2, C, H, W]` or `[2, C, D, H, W]`: real parts, then imaginary parts. Default false. */
  complex: boolean;
  /** Only the columns 0 to floor(W / 2), of a real input: the others are conjugates of theirs. Default false. */
  half: boolean;
}

/** The option `dimensions` of a schema. */
export const dimensionsOption: z.ZodType<1 | 2 | 3 | undefined> = z.union([z.literal(1), z.literal(2), z.literal(3)])
  .optional().describe("How many of the last axes are transformed; all spatial ones if not given");

const schema: z.ZodType<FourierOptions> = z.strictObject({
  dimensions: dimensionsOption,
  complex: z.boolean().default(false).describe("The input is [2, ...]: real parts, then imaginary parts"),
  half: z.boolean().default(false).describe("Only columns up to half the width, of a real input"),
}).refine(({ complex, half }) => !complex || !half, {
  path: ["half"],
  error: "half is for real inputs, whose other columns are conjugates: leave it out or set complex to false",
});

function geometry(input: Spec, options: FourierOptions) {
  const image = options.complex ? withoutParts("fourier", input) : input;
  const { extents, axes } = axesOf("fourier", image, options.dimensions);
  const width = options.half && extents.width > 0 ? halfOf(extents.width) : extents.width;
  return { extents, axes: axes as readonly Axis[], shape: [2, ...image.shape.slice(0, -1), width] };
}

/** Whether subgroups can make whole rows: of a real image that is transformed along y and then x. */
function servesLanes([input]: readonly Spec[], options: FourierOptions): boolean {
  const { extents, axes, shape } = geometry(input, options);
  return !options.complex && axes.length === 2 && lineLengths.includes(extents.width) && sizeOf(shape) > 0;
}

/**
 * The discrete Fourier transform `X(k) = sum over n of x(n) exp(-2 pi i k n / N)` along the last one, two or three axes.
 *
 * - Source: `numpy.fft.fftn`. The frequency 0 comes first, negative ones in the second half.
 * - Input: a real image `[C, H, W]` or volume `[C, D, H, W]`, or a complex one with a leading axis of 2 (`complex: true`).
 *   Output: `[2, ...]`, real parts, then imaginary parts; the input's unit, not divided by the count. Of a real input
 *   half the frequencies are computed, the others are their conjugates. With `half: true` the output is that of
 *   `numpy.fft.rfftn`: `[2, ..., floor(W / 2) + 1]`.
 * - Border: the transform takes the image as periodic.
 * - Lengths: any. Those of the prime factors 2, 3 and 5 by passes of up to 16 numbers (T. G. Stockham, 1966), others as
 *   a convolution of a convenient length of at least `2 N - 1` (L. I. Bluestein, 1970). Lines of 256, 512 and 1,024 also in
 *   one pass by subgroups (`lanes`). The factors `exp(...)` are computed in f64.
 * - Complexity: `5 N log2 N` operations per line, 3 to 5 times as many for lengths with other prime factors.
 * - Bound: 2e-6 of the greatest value: each of the up to `log2 N` levels rounds within 6e-8 of the root mean square,
 *   which is far below the greatest value; Bluestein's form goes through two more transforms.
 *
 * @example
 * ```ts ignore
 * const spectrum = engine.run((r) => filters.fourier(r, image));
 * ```
 */
export const fourier: Filter<FourierOptions> = defineOperation<FourierOptions>({
  name: "fourier",
  options: optionsOf(schema),
  outputs: ([input], options) => [{ dtype: "f32", shape: geometry(input, options).shape }],
  cost: ([input], options) => {
    const { extents, axes, shape } = geometry(input, options);
    const flops = transformFlops(extents, axes) / (options.complex ? 1 : 2);
    return { bytes: 4 * (sizeOf(input.shape) + sizeOf(shape)), flops };
  },
  forms: transformForms(servesLanes),
  choose: chooseTransform(servesLanes),
  record: (r, [input], options, form) => {
    const { extents, axes, shape } = geometry(input, options);
    if (sizeOf(shape) === 0) return [r.temporary({ dtype: "f32", shape })];
    if (form === "lanes") {
      const columns = transformColumns(r, input, extents, { scale: 0.5, lanes: true });
      return [transformLanes(r, columns, extents, shape)];
    }
    if (!options.complex && axes.includes("y")) {
      const spectrum = transformReal(r, input, extents, axes);
      return [mirrorParts(r, spectrum, extents, shape, { deep: axes.includes("z") })];
    }
    const numbers = joinParts(r, input, extents, "columns", { real: !options.complex });
    if (axes.length === 1) return [splitParts(r, transformRows(r, numbers, extents), extents, "rows", shape)];
    return [splitParts(r, transformComplex(r, numbers, extents, axes), extents, "columns", shape)];
  },
  twin: ([input], options) => {
    const { extents, axes, shape } = geometry(input, options);
    const numbers = options.complex ? partsTwin(input) : realTwin(input.data);
    return [
      firstColumnsTwin(
        joinTwin(transformTwin(numbers, extents, axes), [2, ...input.shape.slice(-shape.length + 1)]),
        shape,
      ),
    ];
  },
  bound: 2e-6,
});
