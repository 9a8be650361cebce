import { z } from "npm:zod@4.6.7";
import { definePage, type Page, type Recorder, type Spec, type Value } from "../../contract.ts";
import { type Callable, defineCallable } from "../../call.ts";
import { grid as gridLib, loops as loopsLib } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { countAlong, type Extents, extentsOf, slicewiseOption } from "../extents.ts";
import { transformFlops } from "../fourier/axes.ts";
import { chooseTransform, lineLengths, transformForms } from "../fourier/line.ts";
import { inverseReal, transformReal } from "../fourier/spectrum.ts";
import { newTexels, type Texels } from "../fourier/transform.ts";
import { flatGroups, overLayers } from "../tiles.ts";
import { laplacianTable, likeliestBalance } from "./balance.ts";
import { deconvolveTwin } from "./deconvolve_twin.ts";
import divideText from "./deconvolve_divide.wgsl" with { type: "text" };
import psfText from "./deconvolve_psf.wgsl" with { type: "text" };

/** Options of {@linkcode deconvolve}. */
export interface DeconvolveOptions {
  /**
   * How smooth the result is: the noise's power over that of the image's curvature, at least 0, or `auto`: the likeliest
   * one, found on the device for each channel. Default `auto`.
   */
  balance: number | "auto";
  /** Clip the result to [-1, 1], as scikit-image does. Default true; images in other units need false. */
  clip: boolean;
  /** Filter the slices of a volume one by one, in 2-D, with a point spread function of 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<DeconvolveOptions> = z.strictObject({
  balance: z.union([z.number().min(0).max(1e9), z.literal("auto")]).default("auto")
    .describe("Power of the noise over that of the image's curvature, or auto: estimated for each channel"),
  clip: z.boolean().default(true).describe("Clip the result to [-1, 1]"),
  slicewise: slicewiseOption,
});

const psfPage: Page = definePage({
  name: "deconvolve_psf",
  file: import.meta.resolve("./deconvolve_psf.wgsl"),
  text: psfText,
  libs: [loopsLib, gridLib],
  bindings: [{ name: "psf", access: "read", layout: "linear" }, { name: "result", access: "write", layout: "rows4" }],
});

const dividePage: Page = definePage({
  name: "deconvolve_divide",
  file: import.meta.resolve("./deconvolve_divide.wgsl"),
  text: divideText,
  libs: [gridLib],
  bindings: [
    { name: "spectrum", access: "read", layout: "rows4" },
    { name: "transfer", access: "read", layout: "rows4" },
    { name: "laplacian", access: "read", layout: "linear" },
    { name: "balance", access: "read", layout: "linear" },
    { name: "result", access: "write", layout: "rows4" },
  ],
});

/** What {@linkcode deconvolve} and its twin find in their inputs: the sizes of the point spread function are z, y, x. */
export function deconvolveGeometry([image, psf]: readonly Spec[], { slicewise }: DeconvolveOptions) {
  const extents = extentsOf("deconvolve", image, slicewise);
  const dimensions = extents.axes.length;
  const { dtype, shape } = psf;
  const spatial = shape.length === dimensions + 1 && shape[0] === 1 ? shape.slice(1) : shape;
  if (dtype !== "f32" || spatial.length !== dimensions || sizeOf(spatial) === 0) {
    const axes = dimensions === 2 ? "h, w" : "d, h, w";
    throw new RangeError(
      `deconvolve takes the point spread function as f32 [${axes}] or [1, ${axes}] of at least one pixel, not ${dtype} [${
        shape.join(", ")
      }]: ${dimensions === 2 ? "the image is" : "the volume isn't"} filtered in 2-D`,
    );
  }
  return { extents, psfSize: [...Array(3 - dimensions).fill(1), ...spatial] as [number, number, number] };
}

/** Whether subgroups can make whole lines, along any axis. */
function servesLanes(inputs: readonly Spec[], options: DeconvolveOptions): boolean {
  const { extents } = deconvolveGeometry(inputs, options);
  return extents.axes.some((axis) => lineLengths.includes(countAlong(extents, axis))) && sizeOf(inputs[0].shape) > 0;
}

/**
 * `deconvolve(r, image, psf, options)`: Wiener-Hunt deconvolution, restores an image that was blurred by a known point
 * spread function `psf` and had noise added.
 *
 * - Source: B. R. Hunt, IEEE Transactions on Computers C-22, 1973, as `skimage.restoration.wiener` has it: `X = conj(H)
 *   Y / (|H|^2 + balance |L|^2)` with the transforms Y of the image, H of the point spread function, and L of the
 *   Laplacian (twice the number of axes in the middle, -1 beside it); 0 where the divisor is 0.
 * - `balance: "auto"`: the model of F. Orieux et al., J. Opt. Soc. Am. A 27, 2010: white noise of unknown power, an
 *   image whose Laplacian is white with unknown power. `skimage.restoration.unsupervised_wiener` samples its posterior
 *   by a chain; here the greatest likelihood is searched: 16 balances from 1e-8 to 1e8, twice more between the best
 *   ones' neighbors, then the slope's zero. On scikit-image's test image the result is 1.5 dB better than the chain's,
 *   which stops before it has settled. Nothing waits for the device.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range (to 1e15 with `auto`), and its point
 *   spread function `[h, w]` or `[d, h, w]`, one for all channels, which keeps the image's brightness where its sum is
 *   1. Its middle is the index n / 2, rounded down. The result has the image's unit; see `clip`.
 * - Border: periodic, as the transform is. A point spread function larger than the image wraps around as well, up to
 *   some 10,000 times. Pad images whose opposite borders differ.
 * - Complexity: three transforms (see {@linkcode fourier}), O(N log N); `auto` reads the spectrum three times more.
 * - Bound: 5e-6 of the greatest value where the divisor isn't far below 1, as rounding of 1e-7 is divided by it: the
 *   smaller the balance, the worse the problem. Cases have balances of 1e-3 and more.
 *
 * @example
 * ```ts ignore
 * const sharp = engine.run((r) => filters.deconvolve(r, image, psf, { balance: 0.01 }));
 * ```
 */
export const deconvolve: Callable<[Value, Value], DeconvolveOptions> = defineCallable<
  [Value, Value],
  DeconvolveOptions
>(2, {
  name: "deconvolve",
  options: optionsOf(schema),
  outputs: (inputs, options) => {
    deconvolveGeometry(inputs, options);
    return [{ dtype: "f32", shape: inputs[0].shape }];
  },
  cost: (inputs, options) => {
    const { extents } = deconvolveGeometry(inputs, options);
    const size = sizeOf(inputs[0].shape);
    return { bytes: 8 * size, flops: 1.5 * transformFlops(extents, extents.axes) + 10 * size };
  },
  forms: transformForms(servesLanes),
  choose: chooseTransform(servesLanes),
  record: (r, inputs, options, form) => {
    const [image, psf] = inputs;
    const { extents, psfSize } = deconvolveGeometry(inputs, options);
    if (sizeOf(image.shape) === 0) return [r.temporary({ dtype: "f32", shape: image.shape })];
    const { axes, channels, depth, height, width } = extents;
    const count = width * height * (axes.includes("z") ? depth : 1);
    const lanes = form === "lanes";
    const transfer = transferOf(r, psf, psfSize, extents, lanes);
    // Divided by the count here, so that the power of large images stays in range.
    const spectrum = transformReal(r, image, extents, axes, { scale: 1 / count, lanes });
    const laplacian = laplacianTable(r, extents);
    const balance = options.balance === "auto"
      ? likeliestBalance(r, spectrum, transfer, laplacian, extents)
      : r.constant(new Float32Array(channels).fill(options.balance), [channels]);
    const sharp = divide(r, spectrum, transfer, laplacian, balance, extents);
    return [inverseReal(r, sharp, extents, axes, { lanes, ...options.clip && { range: [-1, 1] } })];
  },
  twin: deconvolveTwin,
  bound: 5e-6,
});

/** The transform of the point spread function. */
function transferOf(
  r: Recorder,
  psf: Value,
  size: readonly [number, number, number],
  extents: Extents,
  lanes: boolean,
): Texels {
  const depth = extents.axes.includes("z") ? extents.depth : 1;
  const { height, width } = extents;
  const shape = depth === 1 && extents.axes.length === 2 ? [1, height, width] : [1, depth, height, width];
  const result = r.temporary({ dtype: "f32", shape });
  const groups = flatGroups(Math.ceil(width / 4), height);
  const sizes = [width, height, depth];
  const psfSizes = size.toReversed();
  const times = psfSizes.map((count, axis) => Math.ceil(count / sizes[axis]));
  const [x, y, z] = times;
  r.dispatch(psfPage, {
    bind: { psf, result },
    params: { psf_size: psfSizes, size: sizes, times },
    groups: [...groups, depth],
    iterations: 4 * (z + z * y + z * y * x),
  });
  return transformReal(r, result, { ...extents, channels: 1, depth }, extents.axes, { lanes });
}

function divide(
  r: Recorder,
  spectrum: Texels,
  transfer: Texels,
  laplacian: { table: Value; height: number },
  balance: Value,
  { depth }: Extents,
): Texels {
  const result = newTexels(r, spectrum);
  const groups = flatGroups(spectrum.columns, spectrum.rows);
  const layers = spectrum.channels * depth;
  r.dispatch(dividePage, {
    bind: {
      spectrum: spectrum.value,
      transfer: transfer.value,
      laplacian: laplacian.table,
      balance,
      result: result.value,
    },
    params: { height: laplacian.height, depth, transfer_layers: transfer.layers },
    iterations: 0,
    ...overLayers(groups, layers, { whole: ["transfer", "laplacian", "balance"] }),
  });
  return result;
}
