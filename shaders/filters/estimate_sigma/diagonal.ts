import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import {
  border as borderLib,
  lines as linesLib,
  resizedLines as resizedLinesLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { borderRule } from "../border.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { groupsOver, rangeParam, splitTiles, type TileRange } from "../tiles.ts";
import { waveletFilters } from "../wavelet/coefficients.ts";
import linesText from "./diagonal_lines.wgsl" with { type: "text" };
import rowsText from "./diagonal_rows.wgsl" with { type: "text" };

const bindings = [
  { name: "image", access: "read", layout: "rows4" },
  { name: "result", access: "write", layout: "rows4" },
] as const;
const libs = [borderLib, tilesLib];

const rowsPage: Page = definePage({
  name: "diagonal_rows",
  file: import.meta.resolve("./diagonal_rows.wgsl"),
  text: rowsText,
  libs,
  bindings,
});
const linesPage: Page = definePage({
  name: "diagonal_lines",
  file: import.meta.resolve("./diagonal_lines.wgsl"),
  text: linesText,
  libs: [...libs, linesLib, resizedLinesLib],
  bindings,
});

/** Rows, and texels of a line, an invocation. */
const rowTile = 4;
const lineTile = 4;

/** The taps of db2's high-pass filter, from the last pixel backwards. */
export function diagonalTaps(): readonly number[] {
  return waveletFilters("db2").decHi;
}

/** The number of coefficients of an axis. */
export function diagonalCount(count: number): number {
  return Math.floor((count + 3) / 2);
}

/** The axes that a transform is possible along: those of more than one pixel. */
export function diagonalAxes(extents: Extents): Axis[] {
  return extents.spatial.filter((axis) => countAlong(extents, axis) > 1);
}

/** Records the finest diagonal band of an image of which no axis is empty: high-pass along each of its axes. */
export function recordDiagonal(r: Recorder, image: Value, extents: Extents): { band: Value; extents: Extents } {
  let band = image;
  let at = extents;
  // Along rows first: the other passes then have half of the texels.
  for (const axis of diagonalAxes(extents).toReversed()) {
    const count = diagonalCount(countAlong(at, axis));
    const next = { ...at, [axis === "x" ? "width" : axis === "y" ? "height" : "depth"]: count };
    const { channels, depth, height, width } = next;
    const result = r.temporary({ dtype: "f32", shape: [channels, depth, height, width] });
    if (axis === "x") recordRows(r, band, result, at, next);
    else recordLines(r, band, result, at, next, axis);
    band = result;
    at = next;
  }
  return { band, extents: at };
}

function recordRows(r: Recorder, image: Value, result: Value, from: Extents, to: Extents): void {
  // Texel x of the result needs the texels 2 x - 1 to 2 x + 1. Only whole ones lie inside.
  const { inside, outside } = splitTiles(Math.ceil(to.width / 4), 2, 1, 1, Math.floor(from.width / 4));
  const layers = to.channels * to.depth;
  const record = (edge: boolean, columns: TileRange) => {
    if (columns.count === 0) return;
    const { shift, groups } = groupsOver(columns.count, Math.ceil(to.height / rowTile));
    r.dispatch(rowsPage, {
      bind: { image, result },
      params: { taps: diagonalTaps(), border: borderRule("reflect", from.width), columns: rangeParam(columns), shift },
      overrides: { EDGE: Number(edge) },
      groups: [...groups, layers],
      iterations: 0,
      slab: { layers, halo: 0, groups: (count) => [...groups, count] },
    });
  };
  record(false, inside);
  record(true, outside);
}

function recordLines(r: Recorder, image: Value, result: Value, from: Extents, to: Extents, axis: "y" | "z"): void {
  const counts = [countAlong(from, axis), countAlong(to, axis)];
  const tiles = Math.ceil(counts[1] / lineTile);
  const alongZ = axis === "z";
  const { shift, groups } = groupsOver(Math.ceil(to.width / 4), tiles * (alongZ ? to.channels : 1));
  const layers = to.channels * to.depth;
  r.dispatch(linesPage, {
    bind: { image, result },
    params: { taps: diagonalTaps(), border: borderRule("reflect", counts[0]), counts, tiles, shift },
    overrides: { ALONG_Z: Number(alongZ) },
    groups: [...groups, alongZ ? to.height : layers],
    iterations: 0,
    slab: alongZ ? undefined : { layers, halo: 0, groups: (count) => [...groups, count] },
  });
}
