import { z } from "npm:zod@4.6.7";
import { type Callable, defineCallable } from "../../call.ts";
import type { Spec, Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { borderOption, type BorderOptions, cvalOption } from "../border.ts";
import { extentsOf, slicewiseOption } from "../extents.ts";
import { convolveTwin } from "./convolve_twin.ts";
import { checkIterations, kernelShape, packKernels, recordConvolution } from "./record.ts";

/** Options of {@linkcode convolve}. */
export interface ConvolveOptions extends BorderOptions {
  /** Turn the kernel about its center, as a convolution does; else it is correlated. Default true. */
  flip: boolean;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<ConvolveOptions> = z.strictObject({
  border: borderOption,
  cval: cvalOption,
  flip: z.boolean().default(true).describe("Turn the kernel about its center, as a convolution does"),
  slicewise: slicewiseOption,
});

/**
 * `convolve(r, image, kernel, options)`: convolution with a kernel of any size, or with several of equal size.
 *
 * - Source: `scipy.ndimage.convolve`, and `scipy.ndimage.correlate` with `flip: false`: the element `floor(size / 2)`
 *   of each axis of the kernel lies on the pixel, for odd and for even sizes.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range; a kernel `[h, w]` or, in 3-D, `[d, h,
 *   w]`. Of kernels `[K, h, w]` or `[K, d, h, w]` the output has `K` channels for each one of the image: the sums of
 *   channel c with kernel k are channel `c * K + k`. On a volume too large for textures and for one binding they must
 *   be run one by one. NaN and infinite pixels give undefined sums in their whole neighborhood.
 * - Border: as in scipy (see `Border`); kernels larger than the image wrap around as often as needed.
 * - Complexity: one multiply-add a pixel and tap, where rows are filled up to whole chunks of 4 to 24 taps. A kernel
 *   takes `d * h * ceil(w / 24)` chunks, of which drivers run 60,000; separable kernels are better run axis by axis.
 *   Two kernels at once share the reading of pixels and take nine tenths of the time of one after the other.
 * - Bound: 1e-6 of the greatest sum: f32 sums of rows, slices and the whole, each of which is within some 1e-7 of the
 *   sum of the absolute products.
 *
 * @example
 * ```ts ignore
 * const edges = engine.run((r) => filters.convolve(r, image, kernel, { border: "nearest" }));
 * ```
 */
export const convolve: Callable<[image: Value, kernel: Value], ConvolveOptions> = defineCallable(2, {
  name: "convolve",
  options: optionsOf(schema),
  outputs: ([image, kernel], options: ConvolveOptions) => {
    const [count, ...size] = kernelsOf(image, kernel, options);
    checkIterations("convolve", [count, ...size], options.flip);
    return [{ dtype: "f32", shape: [image.shape[0] * count, ...image.shape.slice(1)] }];
  },
  cost: ([image, kernel], options) => {
    const [count, ...size] = kernelsOf(image, kernel, options);
    const pixels = sizeOf(image.shape);
    return { bytes: 4 * pixels * (1 + count), flops: 2 * pixels * count * sizeOf(size) };
  },
  record: (r, [image, kernel], options) => {
    const extents = extentsOf("convolve", image, options.slicewise);
    const shape = kernelsOf(image, kernel, options);
    const [count] = shape;
    const result = r.temporary({ dtype: "f32", shape: [image.shape[0] * count, ...image.shape.slice(1)] });
    if (sizeOf(result.shape) === 0) return [result];
    const table = packKernels(r, r.reshape(kernel, shape), options.flip);
    const { depth } = extents;
    recordConvolution(r, image, table, extents, options, {
      result,
      first: 0,
      channel: count * depth,
      slice: 1,
      kernel: depth,
    });
    return [result];
  },
  twin: convolveTwin,
  bound: 1e-6,
});

function kernelsOf(image: Spec, kernel: Spec, options: ConvolveOptions) {
  return kernelShape("convolve", kernel, extentsOf("convolve", image, options.slicewise));
}
