import { z } from "npm:zod@4.6.7";
import {
  defineOperation,
  definePage,
  type Filter,
  type Lib,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { border as borderLib, grid as gridLib, loops as loopsLib } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { type Border, borderRule } from "../border.ts";
import { type Axis, countAlong, type Extents, extentsOf, slicewiseOption } from "../extents.ts";
import { transformFlops } from "../fourier/axes.ts";
import { convenientLength } from "../fourier/plan.ts";
import { arrayOf, transformComplex } from "../fourier/spectrum.ts";
import { newTexels, type TexelExtents, type Texels } from "../fourier/transform.ts";
import { checkNoiseInput, type NoiseLevel, noiseLevel, noiseLevelOption } from "../noise_level.ts";
import { recordChannelMean } from "../passes/channel_mean/channel_mean.ts";
import { flatGroups, overLayers } from "../tiles.ts";
import { along, type Bump, centralBumps, directedBumps } from "./bank.ts";
import { gaborBankTwin } from "./gabor_bank_twin.ts";
import normalizeText from "./gabor_bank_normalize.wgsl" with { type: "text" };
import packText from "./gabor_bank_pack.wgsl" with { type: "text" };
import shrinkText from "./gabor_bank_shrink.wgsl" with { type: "text" };
import unpackText from "./gabor_bank_unpack.wgsl" with { type: "text" };
import weighText from "./gabor_bank_weigh.wgsl" with { type: "text" };

/** Options of {@linkcode gaborBank}. */
export interface GaborBankOptions {
  /** Standard deviation of the noise in the image's unit, or `auto`. Default `auto`. */
  sigma: NoiseLevel;
  /** Threshold in noise levels of a filter's response, at least 0. Default 1.5. */
  strength: number;
  /** What stands beyond the border: the image mirrored, or the image again. Default `reflect`. */
  border: Extract<Border, "reflect" | "wrap">;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<GaborBankOptions> = z.strictObject({
  sigma: noiseLevelOption,
  strength: z.number().min(0).max(1000).default(1.5).describe("Threshold in noise levels of a filter's response"),
  border: z.enum(["reflect", "wrap"]).default("reflect").describe("What stands beyond the border, as in scipy.ndimage"),
  slicewise: slicewiseOption,
});

const table = (axis: Axis) => ({ name: `table_${axis}`, access: "read", layout: "rows4" }) as const;
const tables = [table("x"), table("y"), table("z")];
const mean = { name: "mean", access: "read", layout: "linear" } as const;
const texels = (name: string, access: "read" | "write" = "read") => ({ name, access, layout: "rows4" }) as const;

function pageOf(name: string, text: string, libs: readonly Lib[], bindings: Page["bindings"]): Page {
  return definePage({
    name: `gabor_bank_${name}`,
    file: import.meta.resolve(`./gabor_bank_${name}.wgsl`),
    text,
    libs,
    bindings,
  });
}

const packPage = pageOf("pack", packText, [borderLib, gridLib], [texels("image"), mean, texels("numbers", "write")]);
const unpackPage = pageOf("unpack", unpackText, [gridLib], [texels("numbers"), mean, texels("image", "write")]);
const weighPage = pageOf("weigh", weighText, [gridLib], [
  texels("spectrum"),
  texels("sum"),
  ...tables,
  texels("result", "write"),
]);
const shrinkPage = pageOf("shrink", shrinkText, [gridLib], [
  texels("numbers"),
  { name: "sigma", access: "read", layout: "linear" },
  texels("result", "write"),
]);
const normalizePage = pageOf("normalize", normalizeText, [loopsLib, gridLib], [
  texels("spectrum"),
  ...tables,
  texels("result", "write"),
]);

/** Pixels by which an axis is continued for the border `reflect`, both sides together: more than the filters reach. */
const continued = 32;

/** Bytes of one complex array that a part of the work may have; five are needed at once. */
const partBytes = 48 * 2 ** 20;

/** The extents of the periodic image that is filtered; one pixel is periodic as it is. */
export function paddedExtents(extents: Extents, border: GaborBankOptions["border"]): Extents {
  const length = (axis: Axis) => {
    const count = countAlong(extents, axis);
    const keepsLength = border === "wrap" || count === 1 || !extents.axes.includes(axis);
    return keepsLength ? count : convenientLength(count + continued);
  };
  return { ...extents, depth: length("z"), height: length("y"), width: length("x") };
}

function checked([image, sigma]: readonly Spec[], options: GaborBankOptions): Extents {
  checkNoiseInput("gaborBank", image, sigma);
  return extentsOf("gaborBank", image, options.slicewise);
}

/**
 * Denoising by a bank of Gabor filters: the image is taken apart by frequency and direction, small responses are taken
 * for noise, and the rest is put together again.
 *
 * - Filters, in the frequency domain (D. Gabor, 1946): one-sided Gaussians `G_k` around the frequencies 0.35, 0.18 and 0.09
 *   cycles per pixel, of width 0.4 of that, in 6 directions of the plane 30 degrees apart, or in 16 of space through the
 *   vertices and faces of an icosahedron; a low pass `G_0` of width 0.05; a high pass, 1 less a Gaussian of width 0.3.
 * - The mean of each channel (or slice) is taken away before and added after: the filters let some of it through, so that
 *   thresholds would do less in a bright image than in a dark one.
 * - Each complex response, and that of the high pass, is shrunk by the non-negative garrote (H.-Y. Gao, J. Comput. Graph.
 *   Stat. 7, 1998): times `max(0, 1 - t^2 / |y|^2)` with `t = strength sigma sqrt(mean G^2)`, as noise of the level `sigma` has
 *   the response `sigma sqrt(mean G^2)`. What is far above the noise loses little, unlike with a soft threshold. Impulses are
 *   far above it, too: salt-and-pepper noise takes strengths of 4 to 12 (where a soft threshold takes 3), or better `median`.
 *   Each is filtered once more by its filter; the sum over all filters and their opposites is divided by the sum of their
 *   squares, so that a threshold of 0 gives the image back.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range, and as an optional second input the noise
 *   level of each channel, f32 `[C]`, instead of `sigma`. The output has the image's unit. Channels are independent.
 * - Border: `wrap`, as the transform is periodic, joins opposite borders; `reflect` continues each axis by 16 pixels or
 *   more on either side. The filters reach some 13 pixels.
 * - Complexity: 19 filters in the plane and 49 in space, each with a transform and its inverse of complex numbers (see
 *   `fourier`), one after the other: five complex arrays of at most 48 MiB (or of one channel, or slice) at a time.
 * - Bound: 2e-6 of the greatest value: two transforms after each other, each within 4e-7; at the threshold the shrinking doubles
 *   distances.
 *
 * @example
 * ```ts ignore
 * const clean = engine.run((r) => filters.gaborBank(r, image, { sigma: 0.05 }));
 * ```
 */
export const gaborBank: Filter<GaborBankOptions> = defineOperation<GaborBankOptions>({
  name: "gaborBank",
  options: optionsOf(schema),
  outputs: (inputs, options) => {
    checked(inputs, options);
    return [{ dtype: "f32", shape: inputs[0].shape }];
  },
  cost: (inputs, options) => {
    const extents = paddedExtents(checked(inputs, options), options.border);
    const filters = directedBumps(extents.axes.length).length + 1;
    return { bytes: 8 * sizeOf(inputs[0].shape), flops: (2 * filters + 2) * transformFlops(extents, extents.axes) };
  },
  record: (r, inputs, options) => {
    const [image] = inputs;
    const extents = checked(inputs, options);
    const result = r.temporary({ dtype: "f32", shape: image.shape });
    if (sizeOf(image.shape) === 0) return [result];
    // Channels, and slices that are filtered one by one, are a stack of which a part at a time is filtered.
    const { axes, channels, depth } = extents;
    const slices = axes.includes("z") ? 1 : depth;
    const one = paddedExtents({ ...extents, channels: 1, depth: depth / slices }, options.border);
    const bank = bankOf(r, one);
    const sigma = noiseLevel(r, inputs, options.sigma);
    const mean = recordChannelMean(r, image, { ...extents, channels: channels * slices, depth: depth / slices });
    const bytes = 8 * one.depth * one.height * one.width;
    const most = Math.max(1, Math.floor(partBytes / bytes));
    for (let first = 0; first < channels * slices; first += most) {
      const part = { ...one, channels: Math.min(most, channels * slices - first) };
      denoise(r, { image, result, mean, sigma, bank, extents, part, first, slices, options });
    }
    return [result];
  },
  twin: gaborBankTwin,
  bound: 2e-6,
});

/** The filters: tables of their factors along the axes, and the root of the mean of each one's square. */
interface Bank {
  readonly tables: Readonly<Record<`table_${Axis}`, Value>>;
  readonly directed: number;
  /** For each row of the tables: the filters of directions, the low pass, the high pass. */
  readonly levels: readonly number[];
}

function bankOf(r: Recorder, extents: Extents): Bank {
  const { axes } = extents;
  const directed = directedBumps(axes.length);
  const { low, high } = centralBumps(axes.length);
  const bumps = [...directed, low, high];
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const means = bumps.map((bump) => {
    const factors = axes.map((axis, index) => along(bump, index, countAlong(extents, axis)));
    const product = (power: number) =>
      factors.reduce((total, values) => total * mean(values.map((value) => value ** power)), 1);
    return { first: product(1), second: product(2) };
  });
  const levels = means.map(({ first, second }, row) =>
    Math.sqrt(row === bumps.length - 1 ? Math.max(0, 1 - 2 * first + second) : second)
  );
  return { tables: tablesOf(r, bumps, extents), directed: directed.length, levels };
}

/** A texel of the table along x holds the factors of two frequencies, then those of the opposite filter. */
function tablesOf(r: Recorder, bumps: readonly Bump[], extents: Extents): Bank["tables"] {
  const columns = Math.ceil(extents.width / 2);
  const lengths = { x: columns, y: extents.height, z: extents.axes.includes("z") ? extents.depth : 1 };
  const make = (axis: Axis) => {
    const length = lengths[axis];
    const data = new Float32Array(bumps.length * 4 * length);
    bumps.forEach((bump, row) => {
      const index = extents.axes.indexOf(axis);
      const count = countAlong(extents, axis);
      const factors = (sign: 1 | -1) => index < 0 ? Float64Array.of(1) : along(bump, index, count, sign);
      const [near, far] = [factors(1), factors(-1)];
      for (let at = 0; at < length; at++) {
        const texel = axis === "x"
          ? [near[2 * at], near[2 * at + 1] ?? 0, far[2 * at], far[2 * at + 1] ?? 0]
          : [near[at], far[at], 0, 0];
        data.set(texel, 4 * (row * length + at));
      }
    });
    return r.constant(data, [bumps.length, 4 * length]);
  };
  return { table_x: make("x"), table_y: make("y"), table_z: make("z") };
}

/** A part of a stack of images: `first` is its place in the stack, `slices` how many of the stack a channel has. */
interface Work {
  readonly image: Value;
  readonly result: Value;
  /** That of each of the stack. */
  readonly mean: Value;
  readonly sigma: Value;
  readonly bank: Bank;
  readonly extents: Extents;
  readonly part: Extents;
  readonly first: number;
  readonly slices: number;
  readonly options: GaborBankOptions;
}

function denoise(r: Recorder, work: Work): void {
  const { bank, part, sigma, first, slices, options: { strength } } = work;
  const { axes } = part;
  const { directed, levels } = bank;
  const depth = part.depth;
  const dispatch = (page: Page, bind: Record<string, Value>, extents: TexelExtents, params: Record<string, number>) => {
    const groups = flatGroups(extents.columns, extents.rows);
    const layers = extents.channels * extents.layers;
    const result = newTexels(r, extents);
    r.dispatch(page, {
      bind: { ...bind, result: result.value },
      params: { ...params, depth },
      iterations: page === normalizePage ? directed + 2 : 0,
      ...overLayers(groups, layers, { whole: ["sigma", "table_x", "table_y", "table_z"] }),
    });
    return result;
  };
  const spectra = arrayOf(part, "columns");
  const weigh = (
    spectrum: Texels,
    band: number,
    { sum, factor = 1, squared = false }: { sum?: Texels; factor?: number; squared?: boolean },
  ) =>
    dispatch(weighPage, { spectrum: spectrum.value, sum: (sum ?? spectrum).value, ...bank.tables }, spectra, {
      band,
      high: Number(band === directed + 1),
      squared: Number(squared),
      added: Number(sum !== undefined),
      factor,
    });

  const spectrum = transformComplex(r, pack(r, work), part, axes);
  // The real part of the inverse transform adds to each filter's response that of the opposite one, its conjugate; what is
  // symmetric counts by half.
  let sum = weigh(spectrum, directed, { squared: true, factor: 0.5 });
  for (let band = 0; band < directed + 2; band++) {
    if (band === directed) continue;
    const response = transformComplex(r, weigh(spectrum, band, {}), part, axes, {
      inverse: true,
      scale: 1 / countOf(part),
    });
    const kept = dispatch(shrinkPage, { numbers: response.value, sigma }, arrayOf(part, "columns"), {
      scale: strength * levels[band],
      first,
      slices,
    });
    sum = weigh(transformComplex(r, kept, part, axes), band, { sum, factor: band < directed ? 1 : 0.5 });
  }
  const filtered = dispatch(normalizePage, { spectrum: sum.value, ...bank.tables }, spectra, {
    bands: directed,
    factor: 2,
  });
  unpack(r, transformComplex(r, filtered, part, axes, { inverse: true, scale: 1 / countOf(part) }), work);
}

/** Numbers of one transform. */
function countOf({ axes, depth, height, width }: Extents): number {
  return width * height * (axes.includes("z") ? depth : 1);
}

/** Pixels of the image along x, y and z of one of the stack. */
function sizeIn({ axes, depth, height, width }: Extents): [number, number, number] {
  return [width, height, axes.includes("z") ? depth : 1];
}

function pack(r: Recorder, { image, mean, extents, part, first, options: { border } }: Work): Texels {
  const numbers = newTexels(r, arrayOf(part, "columns"));
  const size = sizeIn(extents);
  const groups = flatGroups(numbers.columns, numbers.rows);
  r.dispatch(packPage, {
    bind: { image, mean, numbers: numbers.value },
    params: {
      border_x: borderRule(border, size[0]),
      border_y: borderRule(border, size[1]),
      border_z: borderRule(border, size[2]),
      size,
      padded: [part.width, part.height, part.depth],
      first,
    },
    groups: [...groups, part.channels * part.depth],
    iterations: 0,
  });
  return numbers;
}

function unpack(r: Recorder, numbers: Texels, { result, mean, extents, part, first }: Work): void {
  const size = sizeIn(extents);
  const groups = flatGroups(Math.ceil(size[0] / 4), size[1]);
  r.dispatch(unpackPage, {
    bind: { numbers: numbers.value, mean, image: result },
    params: { size, first, padded_depth: part.depth },
    groups: [...groups, part.channels * size[2]],
    iterations: 0,
  });
}
