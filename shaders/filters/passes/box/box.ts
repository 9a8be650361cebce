import { definePage, type Lib, type Page, type Recorder, type Value } from "../../../contract.ts";
import {
  border as borderLib,
  lines as linesLib,
  lineTiles as lineTilesLib,
  loops as loopsLib,
  rowPixels as rowPixelsLib,
  rowTiles as rowTilesLib,
  tiles as tilesLib,
} from "../../../lib/mod.ts";
import { borderFill, borderHalo, type BorderOptions, borderRule } from "../../border.ts";
import { type Axis, countAlong, type Extents } from "../../extents.ts";
import { dispatchRows, groupsOver, splitTiles, tilesOfSlab } from "../../tiles.ts";
import linesText from "./box_lines.wgsl" with { type: "text" };
import linesParamsText from "./box_lines_params.wgsl" with { type: "text" };
import linesSuffixText from "./box_lines_suffix.wgsl" with { type: "text" };
import rowsParamsText from "./box_rows_params.wgsl" with { type: "text" };
import rowsText from "./box_rows.wgsl" with { type: "text" };
import rowsSuffixText from "./box_rows_suffix.wgsl" with { type: "text" };

/** `Params` of both halves along x, and of those along y and z. */
const rowsParams: Lib = { file: import.meta.resolve("./box_rows_params.wgsl"), text: rowsParamsText };
const linesParams: Lib = { file: import.meta.resolve("./box_lines_params.wgsl"), text: linesParamsText };
const rowsLibs = [borderLib, loopsLib, tilesLib, rowTilesLib, rowPixelsLib, rowsParams];
const linesLibs = [borderLib, loopsLib, tilesLib, linesLib, lineTilesLib, linesParams];
const image = { name: "image", access: "read", layout: "rows4" } as const;
const suffix = { name: "suffix", access: "read", layout: "rows4" } as const;
const result = { name: "result", access: "write", layout: "rows4" } as const;

/** Sums to the end of blocks along x, and means of windows from them. */
const rowsPages: readonly [Page, Page] = [
  definePage({
    name: "box_rows_suffix",
    file: import.meta.resolve("./box_rows_suffix.wgsl"),
    text: rowsSuffixText,
    libs: rowsLibs,
    bindings: [image, result],
  }),
  definePage({
    name: "box_rows",
    file: import.meta.resolve("./box_rows.wgsl"),
    text: rowsText,
    libs: rowsLibs,
    bindings: [image, suffix, result],
  }),
];

/** The same along y or z. */
const linesPages: readonly [Page, Page] = [
  definePage({
    name: "box_lines_suffix",
    file: import.meta.resolve("./box_lines_suffix.wgsl"),
    text: linesSuffixText,
    libs: linesLibs,
    bindings: [image, result],
  }),
  definePage({
    name: "box_lines",
    file: import.meta.resolve("./box_lines.wgsl"),
    text: linesText,
    libs: linesLibs,
    bindings: [image, suffix, result],
  }),
];

/** Longest walk of an invocation: a block has as many pixels or texels, within the recorder's bound on iterations. */
const longestWalk = 50_000;

/** Whether {@linkcode boxMean} serves: a window has whole texels, and pixels repeat at most as the border has them. */
export function boxMeanServes(radius: number, count: number): boolean {
  return radius >= 2 && radius < count && 2 * radius + 1 <= longestWalk;
}

/**
 * Records the means of windows of `2 * radius + 1` pixels along one axis, in a time that doesn't depend on the radius: a
 * line is cut into blocks of a window's size, so that each window is the end of one block and the beginning of the next.
 * The sums to the end of each block are one pass, those from its beginning are made in passing while a second pass adds
 * the two (M. van Herk, 1992, for minima). No value is ever subtracted, so that rounding doesn't add up along the line:
 * sums go by runs of the root of a block's size, with a relative error of some 1e-7.
 */
export function boxMean(
  r: Recorder,
  input: Value,
  extents: Extents,
  axis: Axis,
  radius: number,
  options: BorderOptions,
): Value {
  return axis === "x"
    ? rowMeans(r, input, extents, radius, options)
    : lineMeans(r, input, extents, axis, radius, options);
}

function rowMeans(
  r: Recorder,
  input: Value,
  { channels, depth, height, width }: Extents,
  radius: number,
  { border, cval }: BorderOptions,
): Value {
  const window = 2 * radius + 1;
  const block = Math.floor(window / 4);
  const first = Math.floor(-radius / 4);
  const texels = Math.ceil(width / 4);
  const layers = channels * depth;
  // One texel more than outputs: windows of two texels make one.
  const sums = r.temporary({ dtype: "f32", shape: [...input.shape.slice(0, -1), 4 * (texels + 1)] });
  const means = r.temporary({ dtype: "f32", shape: input.shape });
  const params = {
    border_x: borderRule(border, width),
    width,
    first,
    block,
    run: Math.ceil(Math.sqrt(block)),
    window,
    lead: -radius - 4 * first,
    fill: borderFill(border),
    cval,
  };
  // Only whole texels lie inside: the lanes beyond the row's end are undefined.
  const wholeTexels = Math.floor(width / 4);
  const ends = splitTiles(Math.ceil((texels + 1) / block), block, -first, first + block - 1, wholeTexels);
  const walks = splitTiles(Math.ceil(texels / block), block, -(first + block), first + 2 * block + 1, wholeTexels);
  const iterations = block + 2;
  dispatchRows(r, rowsPages[0], ends, height, layers, { bind: { image: input, result: sums }, params, iterations });
  dispatchRows(r, rowsPages[1], walks, height, layers, {
    bind: { image: input, suffix: sums, result: means },
    params,
    iterations,
  });
  return means;
}

function lineMeans(
  r: Recorder,
  input: Value,
  extents: Extents,
  axis: "y" | "z",
  radius: number,
  { border, cval }: BorderOptions,
): Value {
  const { channels, depth, height, width } = extents;
  const alongZ = axis === "z";
  const count = countAlong(extents, axis);
  const window = 2 * radius + 1;
  const blocks = Math.ceil(count / window);
  const layers = channels * depth;
  const { shift, groups } = groupsOver(Math.ceil(width / 4), alongZ ? height : blocks);
  const slabGroups = alongZ ? tilesOfSlab(blocks, window, channels, depth) : (layers: number) => layers;
  const gridOf = (layers: number) => [...groups, slabGroups(layers)] as [number, number, number];
  const sums = r.temporary({ dtype: "f32", shape: input.shape });
  const means = r.temporary({ dtype: "f32", shape: input.shape });
  linesPages.forEach((page, pass) =>
    r.dispatch(page, {
      bind: pass === 0 ? { image: input, result: sums } : { image: input, suffix: sums, result: means },
      params: {
        border: borderRule(border, count),
        blocks,
        count,
        radius,
        run: Math.ceil(Math.sqrt(window)),
        fill: borderFill(border),
        cval,
        shift,
      },
      overrides: { ALONG_Z: Number(alongZ) },
      groups: gridOf(layers),
      iterations: window,
      slab: { layers, halo: alongZ ? borderHalo(border, radius, depth) : 0, groups: gridOf },
    })
  );
  return means;
}
