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
import {
  border as borderLib,
  loops as loopsLib,
  rowPixels as rowPixelsLib,
  rowTiles as rowTilesLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { borderFill, borderHalo, borderOption, type BorderOptions, borderRule, cvalOption } from "../border.ts";
import { extentsOf, type PerAxis, perAxisOption, slicewiseOption, spacingOption } from "../extents.ts";
import { checkNoiseInput, type NoiseLevel, noiseLevel, noiseLevelOption } from "../noise_level.ts";
import { groupsOver, overLayers, rangeParam, splitTiles, type TileRange } from "../tiles.ts";
import colorText from "./bilateral_color.wgsl" with { type: "text" };
import { bilateralScales, defaultStrength, greatestRadius } from "./bilateral_scales.ts";
import { bilateralTwin } from "./bilateral_twin.ts";
import unrolledText from "./bilateral_unrolled.wgsl" with { type: "text" };
import { ballRule, countTaps, rowReaches, type WindowShape } from "./bilateral_window.ts";
import rolledText from "./bilateral.wgsl" with { type: "text" };

/** How far two pixels of several channels are apart in color. */
export type ColorDistance = "separate" | "euclidean" | "sum";

/** Options of {@linkcode bilateral}. */
export interface BilateralOptions extends BorderOptions {
  /**
   * How many pixels the window reaches to each side; one, or one for each axis, up to 50 in 2-D and 10 in 3-D. Default
   * 3.
   */
  radius: PerAxis;
  /** Standard deviation of the weights over differences in color, in the image's unit. Either this or `strength`. */
  sigmaColor?: number;
  /** `sigmaColor` in noise levels (see `sigma`). Default 2. */
  strength?: number;
  /** Noise level in the image's unit that `strength` multiplies; `auto` estimates it for each channel. Default `auto`. */
  sigma: NoiseLevel;
  /** Standard deviation of the weights over distances, in pixels, one, or one for each axis. Default `radius / 2`. */
  sigmaSpacePx?: PerAxis;
  /** The same in millimeters. Needs `spacing`. */
  sigmaSpaceMm?: PerAxis;
  /** Millimeters between pixels for each of the image's spatial axes (`[y, x]` or `[z, y, x]`). */
  spacing?: readonly number[];
  /** `ball`: pixels within the radius (with one radius per axis, an ellipsoid); `square`: all of the box. Default `ball`. */
  window: WindowShape;
  /**
   * `separate`: each channel by itself. `euclidean`, `sum`: all channels get the same weights, from the root of the sum
   * of their squared differences, or, as in OpenCV, from the sum of their absolute differences. Default `separate`.
   */
  colorDistance: ColorDistance;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const sigmaSpace = z.number().positive().max(100_000);

const schema: z.ZodType<BilateralOptions> = z.strictObject({
  radius: perAxisOption(z.int().min(0).max(greatestRadius.image)).default(3).describe(
    `How many pixels the window reaches to each side; one, or one for each axis, at most ${greatestRadius.image} in 2-D and ${greatestRadius.volume} in 3-D`,
  ),
  sigmaColor: z.number().positive().optional()
    .describe("Standard deviation of the weights over differences in color, in the image's unit"),
  strength: z.number().positive().optional().describe(`sigmaColor in noise levels; default ${defaultStrength}`),
  sigma: noiseLevelOption,
  sigmaSpacePx: perAxisOption(sigmaSpace).optional()
    .describe(
      "Standard deviation of the weights over distances in pixels, one, or one for each axis; default radius / 2",
    ),
  sigmaSpaceMm: perAxisOption(sigmaSpace).optional()
    .describe("Standard deviation of the weights over distances in millimeters, one, or one for each axis"),
  spacing: spacingOption,
  window: z.enum(["ball", "square"]).default("ball").describe("Pixels within the radius, or all of the box"),
  colorDistance: z.enum(["separate", "euclidean", "sum"]).default("separate")
    .describe("Each channel by itself, or common weights from a distance over all channels"),
  border: borderOption,
  cval: cvalOption,
  slicewise: slicewiseOption,
}).superRefine((options, context) => {
  const issue = (message: string) => context.addIssue({ code: "custom", message });
  if (options.sigmaColor !== undefined && options.strength !== undefined) {
    issue("give either sigmaColor, in the image's unit, or strength, in noise levels");
  }
  if (options.sigmaSpacePx !== undefined && options.sigmaSpaceMm !== undefined) {
    issue("give either sigmaSpacePx or sigmaSpaceMm");
  }
  if (options.sigmaSpaceMm !== undefined && options.spacing === undefined) {
    issue("sigmaSpaceMm needs spacing, the millimeters between pixels");
  }
});

const color: Lib = { file: import.meta.resolve("./bilateral_color.wgsl"), text: colorText };

/** The pages of {@linkcode bilateral} by the form that dispatches them. */
export const bilateralPages: Readonly<Record<"unrolled" | "rolled", Page>> = {
  unrolled: definePage({
    name: "bilateral_unrolled",
    file: import.meta.resolve("./bilateral_unrolled.wgsl"),
    text: unrolledText,
    libs: [borderLib, tilesLib, rowTilesLib, color],
    bindings: [
      { name: "image", access: "read", layout: "rows4" },
      { name: "sigma", access: "read", layout: "linear" },
      { name: "result", access: "write", layout: "rows4" },
    ],
  }),
  rolled: definePage({
    name: "bilateral",
    file: import.meta.resolve("./bilateral.wgsl"),
    text: rolledText,
    libs: [borderLib, loopsLib, tilesLib, rowTilesLib, rowPixelsLib, color],
    bindings: [
      { name: "image", access: "read", layout: "rows4" },
      { name: "sigma", access: "read", layout: "linear" },
      { name: "reach", access: "read", layout: "linear", element: "i32" },
      { name: "result", access: "write", layout: "rows4" },
    ],
  }),
};

/** Most channels with common weights: they are expanded. */
const mostCommonChannels = 16;
/** Most pixels of a window that is expanded: larger ones gain little and compile slowly. */
const mostUnrolledTaps = 81;

/**
 * Bilateral filter: the mean over each pixel's window, weighted by nearness in space and in color, so that edges stay.
 *
 * - Source: C. Tomasi, R. Manduchi, "Bilateral Filtering for Gray and Color Images", ICCV 1998: `sum w v / sum w` with
 *   `w = exp(-|s|^2 / (2 sigmaSpace^2)) exp(-d^2 / (2 sigmaColor^2))` over the window's steps `s` and differences in
 *   color `d`. With `window: "ball"` and `colorDistance: "sum"` it is OpenCV's (exact, where OpenCV reads its weights
 *   from a table); spacing scales `s` in the weight only, the window is one of pixels.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 up to 1e37 in magnitude; the output has the same
 *   unit. A second input f32 `[C]` can give the noise level of each channel instead of `sigma`. With common weights
 *   (`euclidean`, `sum`; at most 16 channels) the level is the root of the mean square over the channels.
 * - Border: as in scipy (see `Border`); windows larger than the image wrap around as often as needed.
 * - Complexity: an exponential and 6 operations per pixel and pixel of the window. Windows of up to 81 pixels are
 *   expanded. At most 2,829 loop iterations in 2-D (radius 50) and 3,549 in 3-D (radius 10).
 * - Large volumes are run in parts where they exceed a binding, but not with common weights nor with the border `wrap`
 *   along z, which need all layers at once: those throw a `MemoryError`.
 * - Bound: 4e-6 of the greatest value: weights are good to some 5e-7 (exp2 to 3 units in the last place, its argument
 *   to 1e-7), and sums are those of differences from the pixel itself, which may be some times greater than what the
 *   border `constant` leaves of it.
 *
 * @example
 * ```ts ignore
 * const clean = engine.run((r) => filters.bilateral(r, image, { radius: 4, sigmaSpacePx: 2, sigmaColor: 0.1 }));
 * ```
 */
export const bilateral: Filter<BilateralOptions> = defineOperation<BilateralOptions>({
  name: "bilateral",
  options: optionsOf(schema),
  outputs: ([image, sigma], options) => {
    bilateralScales(image, options);
    checkNoiseInput("bilateral", image, sigma);
    if (sigma !== undefined && options.sigmaColor !== undefined) {
      throw new RangeError("bilateral has noise levels as a second input and sigmaColor as well: leave one out");
    }
    if (commonChannels(image, options) > mostCommonChannels) {
      throw new RangeError(
        `bilateral takes at most ${mostCommonChannels} channels with colorDistance "${options.colorDistance}", not ${
          image.shape[0]
        }: use "separate"`,
      );
    }
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const size = sizeOf(image.shape);
    // A difference, its square, the exponent, the exponential, two sums and a product.
    return { bytes: 8 * size, flops: 7 * countTaps(windowRows(image, options).reaches) * size };
  },
  forms: { unrolled: { serves: ([image], options) => canUnroll(image, options) }, rolled: {} },
  choose: ([image], options) => canUnroll(image, options) ? "unrolled" : "rolled",
  record: (r, inputs, options, form) => {
    const [image] = inputs;
    const result = r.temporary({ dtype: "f32", shape: image.shape });
    if (sizeOf(image.shape) === 0) return [result];
    const levels = options.sigmaColor === undefined
      ? noiseLevel(r, inputs, options.sigma)
      : r.constant(new Float32Array(image.shape[0]).fill(options.sigmaColor), [image.shape[0]]);
    record(r, image, levels, result, options, form === "unrolled");
    return [result];
  },
  twin: bilateralTwin,
  bound: 4e-6,
});

/** The number of channels with common weights: 1 where each has its own. */
function commonChannels(image: Spec, { colorDistance }: BilateralOptions): number {
  return colorDistance === "separate" ? 1 : image.shape[0];
}

function windowRows(image: Spec, options: BilateralOptions) {
  const { radii, sigmas } = bilateralScales(image, options);
  const [radiusZ, radiusY, radiusX] = radii.length === 3 ? radii : [0, ...radii];
  const [sigmaZ, sigmaY, sigmaX] = sigmas.length === 3 ? sigmas : [1, ...sigmas];
  const reaches = rowReaches([radiusZ, radiusY, radiusX], options.window);
  return { radiusX, radiusY, radiusZ, sigmaX, sigmaY, sigmaZ, reaches };
}

function canUnroll(image: Spec, options: BilateralOptions): boolean {
  return commonChannels(image, options) === 1 && countTaps(windowRows(image, options).reaches) <= mostUnrolledTaps;
}

function record(
  r: Recorder,
  image: Value,
  sigma: Value,
  result: Value,
  options: BilateralOptions,
  unrolled: boolean,
): void {
  const { border, cval } = options;
  const { channels, depth, height, width } = extentsOf("bilateral", image, options.slicewise);
  const { radiusX, radiusY, radiusZ, sigmaX, sigmaY, sigmaZ, reaches } = windowRows(image, options);
  const reach = r.constant(reaches, [reaches.length]);
  const common = commonChannels(image, options);
  const layers = channels * depth / common;
  const texels = Math.ceil(radiusX / 4);
  const columns = splitTiles(Math.ceil(width / 4), 1, texels, texels, Math.floor(width / 4));
  const params = (x: TileRange, shift: number) => ({
    border_y: borderRule(border, height),
    border_z: borderRule(border, depth),
    columns: rangeParam(x),
    depth,
    space: [sigmaX, sigmaY, sigmaZ].map((deviation) => Math.LOG2E / (2 * deviation ** 2)),
    strength: options.sigmaColor === undefined ? options.strength ?? defaultStrength : 1,
    fill: borderFill(border),
    cval,
    shift,
  });
  const gridOf = (groups: readonly [number, number], whole: readonly string[]) =>
    overLayers(groups, layers, {
      halo: borderHalo(border, radiusZ, depth),
      whole: common === 1 ? whole : [...whole, "image", "result"],
    });
  const recordUnrolled = (x: TileRange) => {
    const { shift, groups } = groupsOver(x.count, height);
    const rule = ballRule([radiusX, radiusY, radiusZ]);
    const [factorX, factorY, factorZ] = options.window === "ball" ? rule.factors : [0, 0, 0];
    r.dispatch(bilateralPages.unrolled, {
      bind: { image, sigma, result },
      params: params(x, shift),
      tune: {
        RADIUS_X: radiusX,
        RADIUS_Y: radiusY,
        RADIUS_Z: radiusZ,
        FACTOR_X: factorX,
        FACTOR_Y: factorY,
        FACTOR_Z: factorZ,
        LIMIT: rule.limit,
      },
      iterations: 0,
      ...gridOf(groups, ["sigma"]),
    });
  };
  const recordRolled = (edge: boolean, x: TileRange) => {
    const { shift, groups } = groupsOver(x.count, height);
    r.dispatch(bilateralPages.rolled, {
      bind: { image, sigma, reach, result },
      params: {
        ...params(x, shift),
        border_x: borderRule(border, width),
        width,
        radius_y: radiusY,
        radius_z: radiusZ,
      },
      overrides: { EDGE: Number(edge), SUM: Number(options.colorDistance === "sum") },
      tune: { CHANNELS: common },
      iterations: (2 * radiusZ + 1) * (1 + (2 * radiusY + 1) * (2 * texels + 2)),
      ...gridOf(groups, ["sigma", "reach"]),
    });
  };
  if (columns.inside.count > 0) unrolled ? recordUnrolled(columns.inside) : recordRolled(false, columns.inside);
  if (columns.outside.count > 0) recordRolled(true, columns.outside);
}
