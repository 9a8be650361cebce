import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import {
  border as borderLib,
  lines as linesLib,
  resizedLines as resizedLinesLib,
  rowSpans as rowSpansLib,
  rowTiles as rowTilesLib,
  taps as tapsLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { borderRule } from "../border.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { dispatchResizedLines } from "../passes/resized_lines.ts";
import { dispatchRows, splitTiles } from "../tiles.ts";
import type { WaveletFilters } from "../wavelet/coefficients.ts";
import { coefficientCount, detailNames, specOf, type WaveletBorder, withCount } from "./bands.ts";
import linesText from "./dwt_lines.wgsl" with { type: "text" };
import rowsText from "./dwt_rows.wgsl" with { type: "text" };

const bindings = [
  { name: "image", access: "read", layout: "rows4" },
  { name: "weights", access: "read", layout: "rows4" },
  { name: "low", access: "write", layout: "rows4" },
  { name: "high", access: "write", layout: "rows4" },
] as const;
const libs = [borderLib, tilesLib, tapsLib];

const rowsPage: Page = definePage({
  name: "dwt_rows",
  file: import.meta.resolve("./dwt_rows.wgsl"),
  text: rowsText,
  libs: [...libs, rowTilesLib, rowSpansLib],
  bindings,
});
const linesPage: Page = definePage({
  name: "dwt_lines",
  file: import.meta.resolve("./dwt_lines.wgsl"),
  text: linesText,
  libs: [...libs, linesLib, resizedLinesLib],
  bindings,
});

/** Texels of a row, and of a line, per invocation. */
const rowTile = 2;
const lineTile = 4;

/** Coefficients of one level. */
export interface Level {
  readonly approximation: Value;
  /** In the order of `detailNames`. */
  readonly details: readonly Value[];
  readonly extents: Extents;
}

/** What all levels of a transform share. */
export interface Analysis {
  readonly border: WaveletBorder;
  readonly taps: number;
  /** Two rows: the low-pass filter and the high-pass filter, turned around as convolution wants them. */
  readonly weights: Value;
}

/** Uploads the filters of a transform. */
export function prepareAnalysis(r: Recorder, { decLo, decHi }: WaveletFilters, border: WaveletBorder): Analysis {
  const taps = decLo.length;
  const reversed = Float32Array.from([...decLo.toReversed(), ...decHi.toReversed()]);
  return { border, taps, weights: r.constant(reversed, [2, taps]) };
}

/** Records one level of the transform of an image that isn't empty. */
export function recordLevel(r: Recorder, image: Value, extents: Extents, analysis: Analysis): Level {
  const { border, taps, weights } = analysis;
  let bands = new Map<string, Value>([["", image]]);
  let at = extents;
  // Along rows first: the other passes then share the texels evenly.
  for (const axis of extents.axes.toReversed()) {
    const next = withCount(at, axis, coefficientCount(countAlong(at, axis), taps, border));
    const split = new Map<string, Value>();
    for (const [name, band] of bands) {
      const [low, high] = [r.temporary(specOf(next)), r.temporary(specOf(next))];
      const bind = { image: band, weights, low, high };
      if (axis === "x") recordRows(r, bind, at, next, taps, border);
      else recordLines(r, bind, at, next, axis, taps, border);
      split.set(`a${name}`, low).set(`d${name}`, high);
    }
    bands = split;
    at = next;
  }
  const details = detailNames(extents.axes).map((name) => bands.get(name)!);
  return { approximation: bands.get("a".repeat(extents.axes.length))!, details, extents: at };
}

type Bound = Readonly<Record<"image" | "weights" | "low" | "high", Value>>;

/** How the pages find pixels beyond the border, and where the first tap of the first output lies. */
function placement(count: number, taps: number, border: WaveletBorder) {
  const symmetric = border === "symmetric";
  return {
    border: symmetric ? borderRule("reflect", count) : borderRule("wrap", count + count % 2),
    last: count - 1,
    first: symmetric ? 2 - taps : 1 - taps / 2,
  };
}

function recordRows(r: Recorder, bind: Bound, from: Extents, to: Extents, taps: number, border: WaveletBorder): void {
  const { border: rule, last, first } = placement(from.width, taps, border);
  const firstTexel = Math.floor(first / 4);
  const lead = first - 4 * firstTexel;
  // Texels that a tile reads; only whole ones lie inside.
  const span = Math.floor((lead + taps + 8 * rowTile + 1) / 4);
  const texels = Math.floor(from.width / 4);
  const tiles = Math.ceil(to.width / 4 / rowTile);
  const ranges = splitTiles(tiles, 2 * rowTile, -firstTexel, firstTexel + span - 1, texels);
  dispatchRows(r, rowsPage, ranges, to.height, to.channels * to.depth, {
    bind,
    params: { border: rule, last, first: firstTexel },
    tune: { TAPS: taps, LEAD: lead },
    iterations: 0,
    whole: ["weights"],
  });
}

function recordLines(
  r: Recorder,
  bind: Bound,
  from: Extents,
  to: Extents,
  axis: Exclude<Axis, "x">,
  taps: number,
  border: WaveletBorder,
): void {
  dispatchResizedLines(r, linesPage, from, to, axis, lineTile, {
    bind,
    params: placement(countAlong(from, axis), taps, border),
    tune: { TAPS: taps },
    whole: ["weights"],
  });
}
