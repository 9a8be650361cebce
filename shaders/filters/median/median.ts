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
  order as orderLib,
  rowPixels as rowPixelsLib,
  rowTiles as rowTilesLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { borderFill, borderHalo, borderOption, type BorderOptions, borderRule, cvalOption } from "../border.ts";
import { type Extents, extentsOf, forAxes, type PerAxis, perAxisOption, slicewiseOption } from "../extents.ts";
import {
  allTiles,
  dispatchRows,
  groupsOver,
  noTiles,
  overLayers,
  rangeParam,
  type SplitTiles,
  splitTiles,
  type TileRange,
} from "../tiles.ts";
import text3x3x3 from "./median_3x3x3.wgsl" with { type: "text" };
import text3x3 from "./median_3x3.wgsl" with { type: "text" };
import text5x5 from "./median_5x5.wgsl" with { type: "text" };
import text7x7 from "./median_7x7.wgsl" with { type: "text" };
import rankText from "./median_rank.wgsl" with { type: "text" };
import countText from "./median_count.wgsl" with { type: "text" };
import selectText from "./median_select.wgsl" with { type: "text" };
import squareText from "./median_square.wgsl" with { type: "text" };
import { medianTwin } from "./median_twin.ts";

/** Options of {@linkcode median}. */
export interface MedianOptions extends BorderOptions {
  /** The window has `2 * radius + 1` pixels; one, or one for each axis, 0 to 5 in 2-D and 0 to 2 in 3-D. Default 1. */
  radius: PerAxis;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<MedianOptions> = z.strictObject({
  radius: perAxisOption(z.int().min(0).max(5)).default(1)
    .describe("The window has 2 * radius + 1 pixels; one, or one for each axis, at most 5 in 2-D and 2 in 3-D"),
  border: borderOption,
  cval: cvalOption,
  slicewise: slicewiseOption,
});

const bindings = [
  { name: "image", access: "read", layout: "rows4" },
  { name: "result", access: "write", layout: "rows4" },
] as const;
const libs = [borderLib, orderLib, tilesLib];
const rowLibs = [...libs, rowTilesLib, rowPixelsLib];
const squareLibs: readonly Lib[] = [
  ...libs,
  rowPixelsLib,
  { file: import.meta.resolve("./median_square.wgsl"), text: squareText },
];
const selectLib: Lib = { file: import.meta.resolve("./median_select.wgsl"), text: selectText };

/** Pages that are made for certain windows: sorting networks by the window's sides, and counting in the kept window. */
export type MedianPage = "3x3" | "5x5" | "7x7" | "3x3x3" | "count";

/** The pages of {@linkcode median}: those for certain windows, and the one that serves all. */
export const medianPages: Readonly<Record<MedianPage | "rank", Page>> = {
  "3x3": definePage({
    name: "median_3x3",
    file: import.meta.resolve("./median_3x3.wgsl"),
    text: text3x3,
    libs: squareLibs,
    bindings,
  }),
  "5x5": definePage({
    name: "median_5x5",
    file: import.meta.resolve("./median_5x5.wgsl"),
    text: text5x5,
    libs: [...squareLibs, selectLib],
    bindings,
  }),
  "7x7": definePage({
    name: "median_7x7",
    file: import.meta.resolve("./median_7x7.wgsl"),
    text: text7x7,
    libs: [...squareLibs, selectLib],
    bindings,
  }),
  "3x3x3": definePage({
    name: "median_3x3x3",
    file: import.meta.resolve("./median_3x3x3.wgsl"),
    text: text3x3x3,
    libs: [...rowLibs, selectLib],
    bindings,
  }),
  count: definePage({
    name: "median_count",
    file: import.meta.resolve("./median_count.wgsl"),
    text: countText,
    libs: [...libs, rowTilesLib],
    bindings,
  }),
  rank: definePage({
    name: "median_rank",
    file: import.meta.resolve("./median_rank.wgsl"),
    text: rankText,
    libs: [...rowLibs, loopsLib],
    bindings,
  }),
};

/**
 * Median of the pixels in a window.
 *
 * - Source: `scipy.ndimage.median_filter` with odd sizes.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range; the output has the same unit.
 * - Border: as in scipy (see `Border`); windows larger than the image wrap around as often as needed.
 * - Complexity: 3x3, 5x5, 7x7 and 3x3x3 by sorting networks (some 10, 110, 310 and 120 exchanges per pixel); 9x9, 11x11
 *   and 5x5x5 by some 25 counts of the pixels above a value; others by bisection, `2 + log2(n)` and at most 34 passes
 *   over the window's n pixels.
 * - Bound: 0. The result is a pixel of the window (or the constant), bit by bit; -0 sorts before 0.
 *
 * @example
 * ```ts ignore
 * const clean = engine.run((r) => filters.median(r, image, { radius: 2 }));
 * ```
 */
export const median: Filter<MedianOptions> = defineOperation<MedianOptions>({
  name: "median",
  options: optionsOf(schema),
  outputs: ([image], options) => {
    medianWindow(image, options);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const { radii } = medianWindow(image, options);
    const count = radii.reduce((product, radius) => product * (2 * radius + 1), 1);
    const size = sizeOf(image.shape);
    // Finding the middle one of n takes at least about 2 n comparisons.
    return { bytes: 8 * size, flops: 2 * count * size };
  },
  forms: { window: { serves: ([image], options) => hasPage(image, options) }, rank: {} },
  choose: ([image], options) => hasPage(image, options) ? "window" : "rank",
  record: (r, [image], options, form) => {
    const { extents, radii } = medianWindow(image, options);
    const result = r.temporary({ dtype: "f32", shape: image.shape });
    if (sizeOf(image.shape) === 0) return [result];
    const page = form === "window" ? pageFor(radii) : undefined;
    if (page === undefined) recordRank(r, image, result, extents, radii, options);
    else if (page === "count") recordCount(r, image, result, extents, radii, options);
    else if (page === "3x3x3") recordCube(r, image, result, extents, options);
    else recordSquare(r, image, result, extents, page, radii[0], options);
    return [result];
  },
  twin: medianTwin,
  bound: 0,
});

/** The page for a window, where it has one of its own: each costs a compilation, so that only the usual ones do. */
function pageFor(radii: readonly number[]): MedianPage | undefined {
  const [radius] = radii;
  if (radii.some((other) => other !== radius)) return undefined;
  const pages = radii.length === 3
    ? [undefined, "3x3x3", "count"] as const
    : [undefined, "3x3", "5x5", "7x7", "count", "count"] as const;
  return pages[radius];
}

const hasPage = (image: Spec, options: MedianOptions): boolean =>
  pageFor(medianWindow(image, options).radii) !== undefined;

function medianWindow(image: Spec, options: MedianOptions): { extents: Extents; radii: number[] } {
  const extents = extentsOf("median", image, options.slicewise);
  const radii = forAxes("radius", options.radius, extents.axes);
  const greatest = Math.max(...radii);
  if (radii.length === 3 && greatest > 2) {
    throw new RangeError(`radius is ${greatest}, but at most 2 in 3-D: take a smaller one, or slicewise`);
  }
  return { extents, radii };
}

/** Rows that an invocation makes: ROWS of the pages. */
const rowsOf = { "3x3": 4, "5x5": 4, "7x7": 1, "3x3x3": 2 } as const;

function recordSquare(
  r: Recorder,
  image: Value,
  result: Value,
  extents: Extents,
  network: "3x3" | "5x5" | "7x7",
  radius: number,
  { border, cval }: MedianOptions,
): void {
  const { channels, depth, height, width } = extents;
  const rows = rowsOf[network];
  // Only whole texels lie inside: the lanes beyond the row's end are undefined.
  const columns = splitColumns(width, 1);
  const tiles = Math.ceil(height / rows);
  const lines = splitTiles(tiles, rows, radius, rows - 1 + radius, height);
  const record = (edge: boolean, x: TileRange, y: TileRange) => {
    if (x.count === 0 || y.count === 0) return;
    const { shift, groups } = groupsOver(x.count, y.count);
    r.dispatch(medianPages[network], {
      bind: { image, result },
      params: {
        border_x: borderRule(border, width),
        border_y: borderRule(border, height),
        columns: rangeParam(x),
        lines: rangeParam(y),
        width,
        fill: borderFill(border),
        cval,
        shift,
      },
      overrides: { EDGE: Number(edge) },
      iterations: 0,
      ...overLayers(groups, channels * depth),
    });
  };
  record(false, columns.inside, lines.inside);
  record(true, columns.outside, allTiles(tiles));
  record(true, columns.inside, lines.outside);
}

function recordCube(
  r: Recorder,
  image: Value,
  result: Value,
  { channels, depth, height, width }: Extents,
  { border, cval }: MedianOptions,
): void {
  const lines = Math.ceil(height / rowsOf["3x3x3"]);
  dispatchRows(r, medianPages["3x3x3"], splitColumns(width, 1), lines, channels * depth, {
    bind: { image, result },
    params: {
      border_x: borderRule(border, width),
      border_y: borderRule(border, height),
      border_z: borderRule(border, depth),
      width,
      depth,
      fill: borderFill(border),
      cval,
    },
    iterations: 0,
    halo: borderHalo(border, 1, depth),
  });
}

/** Most steps of bisecting a key, and of bisecting between pixels after the first one about the pixel itself. */
const keySteps = 32;
const pixelSteps = 34;

function recordCount(
  r: Recorder,
  image: Value,
  result: Value,
  extents: Extents,
  radii: readonly number[],
  options: MedianOptions,
): void {
  const { channels, depth, height, width } = extents;
  const [radiusZ, radiusY, radiusX] = inSpace(radii);
  const { inside, outside } = splitColumns(width, radiusX);
  if (inside.count > 0) {
    const { shift, groups } = groupsOver(inside.count, height);
    r.dispatch(medianPages.count, {
      bind: { image, result },
      params: {
        border_y: borderRule(options.border, height),
        border_z: borderRule(options.border, depth),
        columns: rangeParam(inside),
        depth,
        fill: borderFill(options.border),
        cval: options.cval,
        shift,
      },
      tune: { RADIUS_X: radiusX, RADIUS_Y: radiusY, RADIUS_Z: radiusZ },
      // Neighbors need different numbers of steps: the worst case counts for each of a vector's 8.
      iterations: 8 * keySteps,
      ...overLayers(groups, channels * depth, { halo: borderHalo(options.border, radiusZ, depth) }),
    });
  }
  recordRankTiles(r, image, result, extents, radii, options, { inside: noTiles, outside });
}

function recordRank(
  r: Recorder,
  image: Value,
  result: Value,
  extents: Extents,
  radii: readonly number[],
  options: MedianOptions,
): void {
  recordRankTiles(r, image, result, extents, radii, options, splitColumns(extents.width, inSpace(radii)[2]));
}

function recordRankTiles(
  r: Recorder,
  image: Value,
  result: Value,
  { channels, depth, height, width }: Extents,
  radii: readonly number[],
  { border, cval }: MedianOptions,
  ranges: SplitTiles,
): void {
  const [radiusZ, radiusY, radiusX] = inSpace(radii);
  const count = (2 * radiusX + 1) * (2 * radiusY + 1) * (2 * radiusZ + 1);
  dispatchRows(r, medianPages.rank, ranges, height, channels * depth, {
    bind: { image, result },
    params: {
      border_x: borderRule(border, width),
      border_y: borderRule(border, height),
      border_z: borderRule(border, depth),
      width,
      depth,
      radius_y: radiusY,
      radius_z: radiusZ,
      rank: (count + 1) / 2,
      fill: borderFill(border),
      cval,
    },
    tune: { RADIUS: radiusX },
    // As above.
    iterations: 8 * pixelSteps * (1 + (2 * radiusZ + 1) * (2 * radiusY + 2)),
    halo: borderHalo(border, radiusZ, depth),
  });
}

/** Radii along z, y and x. */
const inSpace = (radii: readonly number[]) => radii.length === 3 ? radii : [0, ...radii];

/** Columns of texels whose windows stay inside the image, and the others. */
function splitColumns(width: number, radius: number): SplitTiles {
  const reach = Math.ceil(radius / 4);
  return splitTiles(Math.ceil(width / 4), 1, reach, reach, Math.floor(width / 4));
}
