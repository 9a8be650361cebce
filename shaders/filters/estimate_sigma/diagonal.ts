import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import {
  border as borderLib,
  lines as linesLib,
  resizedLines as resizedLinesLib,
  rowTiles as rowTilesLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { borderRule } from "../border.ts";
import { withCount } from "../dwt/bands.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { dispatchResizedLines } from "../passes/resized_lines.ts";
import { dispatchRows, overLayers, splitTiles } from "../tiles.ts";
import { waveletFilters } from "../wavelet/coefficients.ts";
import innerText from "./diagonal_inner.wgsl" with { type: "text" };
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
  libs: [...libs, rowTilesLib],
  bindings,
});
const linesPage: Page = definePage({
  name: "diagonal_lines",
  file: import.meta.resolve("./diagonal_lines.wgsl"),
  text: linesText,
  libs: [...libs, linesLib, resizedLinesLib],
  bindings,
});

const innerPage: Page = definePage({
  name: "diagonal_inner",
  file: import.meta.resolve("./diagonal_inner.wgsl"),
  text: innerText,
  bindings: [{ name: "band", access: "read", layout: "rows4" }, bindings[1]],
});

/** Rows, and texels of a line, per invocation. */
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

/**
 * Records the finest diagonal band of an image of which no axis is empty: high-pass along each of its axes, and 0 beside
 * what is 0.
 */
export function recordDiagonal(r: Recorder, image: Value, extents: Extents): { band: Value; extents: Extents } {
  let band = image;
  let at = extents;
  // Along rows first: the other passes then have half of the texels.
  for (const axis of diagonalAxes(extents).toReversed()) {
    const count = diagonalCount(countAlong(at, axis));
    const next = withCount(at, axis, count);
    const { channels, depth, height, width } = next;
    const result = r.temporary({ dtype: "f32", shape: [channels, depth, height, width] });
    if (axis === "x") recordRows(r, band, result, at, next);
    else recordLines(r, band, result, at, next, axis);
    band = result;
    at = next;
  }
  return { band: recordInner(r, band, at), extents: at };
}

function recordInner(r: Recorder, band: Value, { channels, depth, height, width }: Extents): Value {
  const result = r.temporary(band);
  const volume = depth > 1;
  r.dispatch(innerPage, {
    bind: { band, result },
    params: { width, depth },
    overrides: { VOLUME: Number(volume) },
    iterations: volume ? 3 : 1,
    ...overLayers([Math.ceil(width / 32), Math.ceil(height / 8)], channels * depth, { halo: Number(volume) }),
  });
  return result;
}

function recordRows(r: Recorder, image: Value, result: Value, from: Extents, to: Extents): void {
  // Texel x of the result needs the texels 2 x - 1 to 2 x + 1. Only whole ones lie inside.
  const ranges = splitTiles(Math.ceil(to.width / 4), 2, 1, 1, Math.floor(from.width / 4));
  dispatchRows(r, rowsPage, ranges, Math.ceil(to.height / rowTile), to.channels * to.depth, {
    bind: { image, result },
    params: { taps: diagonalTaps(), border: borderRule("reflect", from.width) },
    iterations: 0,
  });
}

function recordLines(r: Recorder, image: Value, result: Value, from: Extents, to: Extents, axis: "y" | "z"): void {
  dispatchResizedLines(r, linesPage, from, to, axis, lineTile, {
    bind: { image, result },
    params: { taps: diagonalTaps(), border: borderRule("reflect", countAlong(from, axis)) },
  });
}
