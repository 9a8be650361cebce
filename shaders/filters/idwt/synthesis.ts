import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import {
  border as borderLib,
  lines as linesLib,
  resizedLines as resizedLinesLib,
  rowTiles as rowTilesLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { borderRule } from "../border.ts";
import { detailNames, specOf, type WaveletBorder, withCount } from "../dwt/bands.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { dispatchResizedLines } from "../passes/resized_lines.ts";
import { dispatchRows, splitTiles } from "../tiles.ts";
import type { WaveletFilters } from "../wavelet/coefficients.ts";
import linesText from "./idwt_lines.wgsl" with { type: "text" };
import rowsText from "./idwt_rows.wgsl" with { type: "text" };

const bindings = [
  { name: "low", access: "read", layout: "rows4" },
  { name: "high", access: "read", layout: "rows4" },
  { name: "weights", access: "read", layout: "rows4" },
  { name: "result", access: "write", layout: "rows4" },
] as const;
const libs = [borderLib, tilesLib];

const rowsPage: Page = definePage({
  name: "idwt_rows",
  file: import.meta.resolve("./idwt_rows.wgsl"),
  text: rowsText,
  libs: [...libs, rowTilesLib],
  bindings,
});
const linesPage: Page = definePage({
  name: "idwt_lines",
  file: import.meta.resolve("./idwt_lines.wgsl"),
  text: linesText,
  libs: [...libs, linesLib, resizedLinesLib],
  bindings: [...bindings, { name: "thresholds", access: "read", layout: "linear" }],
});

/** Texels of coefficients of a row, and pairs of a line, per invocation. */
const rowTile = 2;
const lineTile = 4;

/** How the details are shrunk before they are put together. */
export interface Shrinkage {
  /** Thresholds, f32 `[bands, C]`; the bands of this level begin at `first`, in the order of `detailNames`. */
  readonly thresholds: Value;
  readonly first: number;
  readonly hard: boolean;
}

/** What all levels of an inverse transform share. */
export interface Synthesis extends Taps {
  readonly border: WaveletBorder;
  /** Four rows: taps of even outputs of the low and the high band, of odd outputs of both. */
  readonly weights: Value;
}

/** Uploads the filters of an inverse transform. */
export function prepareSynthesis(r: Recorder, filters: WaveletFilters, border: WaveletBorder): Synthesis {
  const { rows, ...taps } = layTaps(filters, border);
  return { ...taps, border, weights: r.constant(Float32Array.from(rows.flat()), [4, taps.half]) };
}

/** Records one level of the inverse transform. `from` are the coefficients' extents, `to` the result's. */
export function recordInverseLevel(
  r: Recorder,
  approximation: Value,
  details: readonly Value[],
  from: Extents,
  to: Extents,
  synthesis: Synthesis,
  shrinkage?: Shrinkage,
): Value {
  const { weights } = synthesis;
  const thresholds = shrinkage?.thresholds ?? r.constant(new Float32Array(from.channels), [1, from.channels]);
  const names = detailNames(from.axes);
  const bandOf = (name: string) => shrinkage && names.includes(name) ? shrinkage.first + names.indexOf(name) : -1;
  let bands = new Map<string, Value>([["a".repeat(from.axes.length), approximation]]);
  names.forEach((name, index) => bands.set(name, details[index]));
  let at = from;
  for (const axis of from.axes) {
    const next = withCount(at, axis, countAlong(to, axis));
    const joined = new Map<string, Value>();
    for (const [name, low] of bands) {
      if (name.startsWith("d")) continue;
      const rest = name.slice(1);
      const result = r.temporary(specOf(next));
      const bind = { low, high: bands.get(`d${rest}`)!, weights, result };
      if (axis === "x") recordRows(r, bind, at, next, synthesis);
      else {
        // Details are shrunk in the first pass, which reads every coefficient.
        const shrink = {
          low_band: bandOf(name),
          high_band: bandOf(`d${rest}`),
          hard: Number(shrinkage?.hard ?? false),
        };
        recordLines(r, { ...bind, thresholds }, at, next, axis, synthesis, shrink);
      }
      joined.set(rest, result);
    }
    bands = joined;
    at = next;
  }
  return bands.get("")!;
}

/** Where the taps of an output lie. */
interface Taps {
  /** Taps of each output of each filter. */
  readonly half: number;
  /** The coefficient, relative to an output's pair, at which the taps begin; odd outputs' begin `odd` later. */
  readonly first: number;
  readonly odd: number;
}

function layTaps({ recLo, recHi }: WaveletFilters, border: WaveletBorder): Taps & { readonly rows: number[][] } {
  const half = recLo.length / 2;
  // Output m is the sum of c(k) * filter(m + shift - 2 k).
  const shift = border === "symmetric" ? recLo.length - 2 : half - 1;
  const odd = shift % 2;
  const every = (filter: readonly number[], parity: number) =>
    Array.from({ length: half }, (_, index) => filter[2 * (half - 1 - index) + parity]);
  const rows = [every(recLo, odd), every(recHi, odd), every(recLo, 1 - odd), every(recHi, 1 - odd)];
  return { rows, half, first: Math.floor(shift / 2) - (half - 1), odd };
}

type Bound = Readonly<Record<"low" | "high" | "weights" | "result", Value>>;

function ruleOf(border: WaveletBorder, count: number) {
  return borderRule(border === "symmetric" ? "nearest" : "wrap", count);
}

function recordRows(r: Recorder, bind: Bound, from: Extents, to: Extents, taps: Synthesis): void {
  const first = Math.floor(taps.first / 4);
  const lead = taps.first - 4 * first;
  // Texels that a tile reads; only whole ones lie inside.
  const span = Math.floor((lead + taps.half + taps.odd + 4 * rowTile + 2) / 4);
  const tiles = Math.ceil(Math.ceil(to.width / 4) / 2 / rowTile);
  const ranges = splitTiles(tiles, rowTile, -first, first + span - 1, Math.floor(from.width / 4));
  dispatchRows(r, rowsPage, ranges, to.height, to.channels * to.depth, {
    bind,
    params: { border: ruleOf(taps.border, from.width), first },
    tune: { HALF: taps.half, ODD: taps.odd, LEAD: lead },
    iterations: 0,
    whole: ["weights"],
  });
}

function recordLines(
  r: Recorder,
  bind: Bound & { readonly thresholds: Value },
  from: Extents,
  to: Extents,
  axis: Exclude<Axis, "x">,
  taps: Synthesis,
  shrink: { readonly low_band: number; readonly high_band: number; readonly hard: number },
): void {
  dispatchResizedLines(r, linesPage, from, to, axis, 2 * lineTile, {
    bind,
    params: {
      border: ruleOf(taps.border, countAlong(from, axis)),
      first: taps.first,
      depth: to.depth,
      channels: to.channels,
      ...shrink,
    },
    tune: { HALF: taps.half, ODD: taps.odd },
    whole: ["weights", "thresholds"],
  });
}
