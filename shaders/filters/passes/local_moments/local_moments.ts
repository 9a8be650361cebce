import { definePage, type Page, type Recorder, type Value } from "../../../contract.ts";
import {
  border as borderLib,
  loops as loopsLib,
  rowPixels as rowPixelsLib,
  rowSpans as rowSpansLib,
  rowTiles as rowTilesLib,
  steppedLines as steppedLinesLib,
  taps as tapsLib,
  tiles as tilesLib,
} from "../../../lib/mod.ts";
import { borderFill, type BorderOptions, borderRule } from "../../border.ts";
import { type Axis, countAlong, type Extents } from "../../extents.ts";
import { foldKernel, type Kernel } from "../separable/separable.ts";
import { dispatchSteppedLines } from "../stepped_lines.ts";
import { dispatchRows, splitTiles } from "../../tiles.ts";
import linesText from "./moments_lines.wgsl" with { type: "text" };
import rowsText from "./moments_rows.wgsl" with { type: "text" };

const weightsBinding = { name: "weights", access: "read", layout: "rows4" } as const;
const results = [
  { name: "mean", access: "write", layout: "rows4" },
  { name: "variance", access: "write", layout: "rows4" },
] as const;
const libs = [borderLib, loopsLib, tilesLib];

/** Weighted mean and variance along x. */
export const momentsRows: Page = definePage({
  name: "moments_rows",
  file: import.meta.resolve("./moments_rows.wgsl"),
  text: rowsText,
  libs: [...libs, rowTilesLib, rowPixelsLib, rowSpansLib, tapsLib],
  bindings: [{ name: "image", access: "read", layout: "rows4" }, weightsBinding, ...results],
});

/** Weighted mean and variance along y or z. */
export const momentsLines: Page = definePage({
  name: "moments_lines",
  file: import.meta.resolve("./moments_lines.wgsl"),
  text: linesText,
  libs: [...libs, steppedLinesLib],
  bindings: [
    { name: "means", access: "read", layout: "rows4" },
    { name: "variances", access: "read", layout: "rows4" },
    weightsBinding,
    ...results,
  ],
});

/** Mean and variance in the window around each pixel, each in the image's shape. */
export interface Moments {
  readonly mean: Value;
  readonly variance: Value;
}

/** An axis of a window with the weights of its pixels, whose sum is 1 and of which the pixel itself has one. */
export interface MomentsAxis {
  readonly axis: Axis;
  readonly kernel: Kernel;
}

/** Texels of a row and of a line that an invocation makes: TEXELS and TILE of the pages. */
const rowTile = 4;
const lineTile = 8;
/** Taps of a chunk; few enough of them go in one. */
const mostTaps = 24;
const mostTapsOfOneChunk = 40;

/**
 * Records weighted mean and variance in a window that is the product of weights along the axes. The mean is right to some
 * 2e-7 of the greatest difference in the window, and the variance to some 1e-7 of itself times one over the weight of the
 * pixel along an axis at the worst (a window that is flat but for its center), whatever the image's offset.
 */
export function recordLocalMoments(
  r: Recorder,
  image: Value,
  extents: Extents,
  axes: readonly MomentsAxis[],
  border: BorderOptions,
): Moments {
  const one: Kernel = { weights: Float64Array.of(1), first: 0 };
  const alongX = axes.find(({ axis }) => axis === "x")?.kernel ?? one;
  const others = axes.filter(({ axis, kernel }) => axis !== "x" && kernel.weights.length > 1);
  const moments = () => ({
    mean: r.temporary({ dtype: "f32", shape: image.shape }),
    variance: r.temporary({ dtype: "f32", shape: image.shape }),
  });
  const rows = moments();
  recordRows(r, image, rows, extents, alongX, border);
  return others.reduce((from, { axis, kernel }) => {
    const to = moments();
    recordLines(r, from, to, extents, axis, kernel, border);
    return to;
  }, rows);
}

function chunksOf(taps: number): number {
  return taps <= mostTapsOfOneChunk ? 1 : Math.ceil(taps / mostTaps);
}

function recordRows(
  r: Recorder,
  image: Value,
  to: Moments,
  { channels, depth, height, width }: Extents,
  kernel: Kernel,
  { border, cval }: BorderOptions,
): void {
  const { weights, first } = foldKernel(kernel, border, width);
  const firstTexel = Math.floor(first / 4);
  const lead = first - 4 * firstTexel;
  const chunks = chunksOf(lead + weights.length);
  const taps = 4 * Math.ceil((lead + weights.length) / chunks / 4);
  const table = new Float32Array(chunks * taps);
  table.set(weights, lead);
  const bound = r.constant(table, [1, table.length]);
  // Only whole texels lie inside: the lanes beyond the row's end are undefined.
  const after = firstTexel + chunks * taps / 4 + rowTile - 1;
  const ranges = splitTiles(Math.ceil(width / 4 / rowTile), rowTile, -firstTexel, after, Math.floor(width / 4));
  dispatchRows(r, momentsRows, ranges, height, channels * depth, {
    bind: { image, weights: bound, ...to },
    params: { border_x: borderRule(border, width), width, first: firstTexel, chunks, fill: borderFill(border), cval },
    overrides: { ONE_CHUNK: Number(chunks === 1) },
    tune: { TAPS: taps },
    iterations: chunks,
    whole: ["weights"],
  });
}

function recordLines(
  r: Recorder,
  from: Moments,
  to: Moments,
  extents: Extents,
  axis: Axis,
  kernel: Kernel,
  { border, cval }: BorderOptions,
): void {
  const count = countAlong(extents, axis);
  const { weights, first } = foldKernel(kernel, border, count);
  const chunks = chunksOf(weights.length);
  const taps = 4 * Math.ceil(weights.length / chunks / 4);
  const table = new Float32Array(4 * chunks * taps);
  weights.forEach((weight, tap) => table[4 * tap] = weight);
  const bound = r.constant(table, [1, table.length]);
  dispatchSteppedLines(r, momentsLines, extents, axis, { tile: lineTile, first, last: first + chunks * taps - 1 }, {
    bind: { means: from.mean, variances: from.variance, weights: bound, ...to },
    params: { border: borderRule(border, count), first, chunks, fill: borderFill(border), cval },
    overrides: { ONE_CHUNK: Number(chunks === 1) },
    tune: { TAPS: taps },
    iterations: chunks,
  });
}
