import { definePage, type Page, type Recorder, type Value } from "../../../contract.ts";
import {
  border as borderLib,
  lines as linesLib,
  lineTiles as lineTilesLib,
  loops as loopsLib,
  rowPixels as rowPixelsLib,
  rowSpans as rowSpansLib,
  rowTiles as rowTilesLib,
  taps as tapsLib,
  tiles as tilesLib,
} from "../../../lib/mod.ts";
import { borderFill, borderHalo, type BorderOptions, borderPeriod, borderRule } from "../../border.ts";
import { type Axis, countAlong, type Extents } from "../../extents.ts";
import { groupsOver, rangeParam, type SplitTiles, splitTiles, type TileRange, tilesOfSlab } from "../../tiles.ts";
import linesLongText from "./separable_lines_long.wgsl" with { type: "text" };
import linesText from "./separable_lines.wgsl" with { type: "text" };
import rowsLongText from "./separable_rows_long.wgsl" with { type: "text" };
import rowsText from "./separable_rows.wgsl" with { type: "text" };

/** Weights of the pixels around one: `weights[i]` belongs to the pixel `first + i` further on. */
export interface Kernel {
  readonly weights: Float64Array;
  readonly first: number;
}

/** Most taps of a kernel that is one chunk of its own length; longer ones go by chunks of {@linkcode chunkTaps}. */
const shortTaps = 33;
const chunkTaps = 32;

const image = { name: "image", access: "read", layout: "rows4" } as const;
const result = { name: "result", access: "write", layout: "rows4" } as const;
const bindings = [image, result];
const longBindings = [image, { name: "weights", access: "read", layout: "rows4" } as const, result];

const rowsLibs = [borderLib, tilesLib, rowPixelsLib, rowSpansLib];
const linesLibs = [borderLib, tilesLib, linesLib, lineTilesLib];

/** Weights that a page of a short kernel has among its params: a table of its own would cost a dispatch more. */
const paramWeights = 36;

/** Weighted sums along x. */
export const separableRows: Page = definePage({
  name: "separable_rows",
  file: import.meta.resolve("./separable_rows.wgsl"),
  text: rowsText,
  libs: [...rowsLibs, rowTilesLib],
  bindings,
});

/** The same for kernels of many taps, by chunks and blocks of them. */
export const separableRowsLong: Page = definePage({
  name: "separable_rows_long",
  file: import.meta.resolve("./separable_rows_long.wgsl"),
  text: rowsLongText,
  libs: [...rowsLibs, loopsLib, tapsLib],
  bindings: longBindings,
});

/** Weighted sums along y or z. */
export const separableLines: Page = definePage({
  name: "separable_lines",
  file: import.meta.resolve("./separable_lines.wgsl"),
  text: linesText,
  libs: linesLibs,
  bindings,
});

/** The same for kernels of many taps, by chunks and blocks of them. */
export const separableLinesLong: Page = definePage({
  name: "separable_lines_long",
  file: import.meta.resolve("./separable_lines_long.wgsl"),
  text: linesLongText,
  libs: [...linesLibs, loopsLib, tapsLib],
  bindings: longBindings,
});

/**
 * Weights that give the same sums with at most `2 * count + 1` taps: pixels of a kernel longer than the axis repeat, so
 * that their weights can be added up beforehand. So the work of a pixel is bounded by the axis, whatever the kernel.
 */
export function foldKernel(kernel: Kernel, border: BorderOptions["border"], count: number): Kernel {
  const { weights, first } = kernel;
  const last = first + weights.length - 1;
  if (first > -count && last < count) return kernel;
  const period = borderPeriod(border, count);
  // Beyond the image's length every pixel of "nearest" and "constant" is the same.
  const begin = period === 0 ? -count : -Math.floor(period / 2);
  const folded = new Float64Array(period === 0 ? 2 * count + 1 : period);
  weights.forEach((weight, index) => {
    const offset = first + index;
    const at = period === 0
      ? Math.min(2 * count, Math.max(0, offset - begin))
      : (((offset - begin) % period) + period) % period;
    folded[at] += weight;
  });
  return { weights: folded, first: begin };
}

/** Records the weighted sums of an image along one axis; f32, relative rounding error of about 1e-7. */
export function convolveAxis(
  r: Recorder,
  image: Value,
  extents: Extents,
  axis: Axis,
  kernel: Kernel,
  { border, cval }: BorderOptions,
): Value {
  const count = countAlong(extents, axis);
  const taps = layTaps(foldKernel(kernel, border, count), axis === "x");
  const result = r.temporary({ dtype: "f32", shape: image.shape });
  const blocks = Math.ceil(Math.sqrt(taps.chunks));
  const chunks = Math.ceil(taps.chunks / blocks);
  const long = taps.chunks > 1;
  const pages = long ? [separableRowsLong, separableLinesLong] : [separableRows, separableLines];
  const weights: Record<string, Value> = long
    ? { weights: r.constant(Float32Array.from(taps.weights), [1, taps.weights.length]) }
    : {};
  const params = {
    [axis === "x" ? "border_x" : "border"]: borderRule(border, count),
    first: taps.first,
    ...(long ? { blocks, chunks } : { weights: [...taps.weights, ...Array(paramWeights - taps.chunkTaps).fill(0)] }),
    fill: borderFill(border),
    cval,
  };
  const record = (edge: boolean, range: TileRange) => {
    if (range.count === 0) return;
    const place = axis === "x" ? rowsCall(extents, range) : linesCall(extents, axis, range);
    const { layers, groups } = place;
    r.dispatch(pages[axis === "x" ? 0 : 1], {
      bind: { image, ...weights, result },
      params: { ...params, ...place.params },
      overrides: { EDGE: Number(edge), ...place.overrides },
      tune: { TAPS: taps.chunkTaps, ...(axis === "x" ? { LEAD: taps.lead } : {}) },
      groups: groups(layers),
      iterations: long ? blocks * (chunks + 1) : 0,
      slab: {
        layers,
        halo: axis === "z" ? borderHalo(border, reachAlongZ(taps), count) : 0,
        whole: long ? ["weights"] : [],
        groups,
      },
    });
  };
  const { inside, outside } = splitAxis(count, axis, taps);
  record(false, inside);
  record(true, outside);
  return result;
}

/** Tile sizes of the pages: 4 texels of a row, 8 texels of a line. */
const rowTile = 4;
const lineTile = 8;

/** Taps as the pages take them. */
interface Taps {
  readonly weights: Float64Array;
  /** Pixels, or along x texels, from an output to the first tap's (texel). */
  readonly first: number;
  /** Pixels of the first texel before the first tap. */
  readonly lead: number;
  readonly chunkTaps: number;
  /** Chunks that the weights hold, a whole number of blocks. */
  readonly chunks: number;
}

function layTaps({ weights, first }: Kernel, alongX: boolean): Taps {
  const firstTexel = Math.floor(first / 4);
  const lead = alongX ? first - 4 * firstTexel : 0;
  const start = alongX ? firstTexel : first;
  if (weights.length <= shortTaps) {
    return { weights, first: start, lead, chunkTaps: weights.length, chunks: 1 };
  }
  const needed = Math.ceil((lead + weights.length) / chunkTaps);
  const blocks = Math.ceil(Math.sqrt(needed));
  const chunks = blocks * Math.ceil(needed / blocks);
  const padded = new Float64Array(chunks * chunkTaps);
  padded.set(weights, lead);
  return { weights: padded, first: start, lead: 0, chunkTaps, chunks };
}

function splitAxis(count: number, axis: Axis, taps: Taps): SplitTiles {
  const reach = taps.chunks * taps.chunkTaps;
  if (axis !== "x") {
    return splitTiles(Math.ceil(count / lineTile), lineTile, -taps.first, taps.first + reach + lineTile - 2, count);
  }
  // Only whole texels lie inside: the lanes beyond the row's end are undefined.
  const texels = Math.floor(count / 4);
  const last = Math.floor((taps.lead + reach + 4 * rowTile - 2) / 4);
  return splitTiles(Math.ceil(count / 4 / rowTile), rowTile, -taps.first, taps.first + last, texels);
}

/** How many layers beyond a slab its tiles take pixels from; they may begin before it and end after it. */
function reachAlongZ({ first, chunks, chunkTaps }: Taps): number {
  return Math.max(-first, first + chunks * chunkTaps - 1) + lineTile - 1;
}

function rowsCall({ channels, depth, height, width }: Extents, range: TileRange) {
  const { shift, groups } = groupsOver(range.count, height);
  return {
    params: { columns: rangeParam(range), width, shift },
    overrides: {},
    layers: channels * depth,
    groups: (layers: number) => [...groups, layers] as [number, number, number],
  };
}

function linesCall({ channels, depth, height, width }: Extents, axis: "y" | "z", range: TileRange) {
  const alongZ = axis === "z";
  const { shift, groups } = groupsOver(Math.ceil(width / 4), alongZ ? height : range.count);
  const slabGroups = alongZ ? tilesOfSlab(range.count, lineTile, channels, depth) : (layers: number) => layers;
  return {
    params: { lines: rangeParam(range), count: alongZ ? depth : height, shift },
    overrides: { ALONG_Z: Number(alongZ) },
    layers: channels * depth,
    groups: (layers: number) => [...groups, slabGroups(layers)] as [number, number, number],
  };
}
