/** Transforms of real images and complex arrays along several axes, as other filters record them. */
import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import { grid as gridLib } from "../../lib/mod.ts";
import type { Axis, Extents } from "../extents.ts";
import { flatGroups } from "../tiles.ts";
import { newTexels, type TexelExtents, type Texels, type Transform, transformAlong } from "./transform.ts";
import joinText from "./fourier_join.wgsl" with { type: "text" };
import packText from "./fourier_pack.wgsl" with { type: "text" };
import splitText from "./fourier_split.wgsl" with { type: "text" };
import tangleText from "./fourier_tangle.wgsl" with { type: "text" };
import turnText from "./fourier_turn.wgsl" with { type: "text" };
import unpackText from "./fourier_unpack.wgsl" with { type: "text" };
import untangleText from "./fourier_untangle.wgsl" with { type: "text" };

function pageOf(name: string, text: string, from: string, to: string): Page {
  return definePage({
    name: `fourier_${name}`,
    file: import.meta.resolve(`./fourier_${name}.wgsl`),
    text,
    libs: [gridLib],
    bindings: [{ name: from, access: "read", layout: "rows4" }, { name: to, access: "write", layout: "rows4" }],
  });
}

const packPage = pageOf("pack", packText, "image", "lines");
const unpackPage = pageOf("unpack", unpackText, "lines", "image");
const untanglePage = pageOf("untangle", untangleText, "lines", "spectrum");
const tanglePage = pageOf("tangle", tangleText, "spectrum", "lines");
const turnPage = pageOf("turn", turnText, "source", "result");
const joinPage = pageOf("join", joinText, "parts", "spectrum");
const splitPage = pageOf("split", splitText, "spectrum", "parts");

/** The frequencies of a real row that are kept, up to half its length; the others are their conjugates. */
export const halfOf = (width: number): number => Math.floor(width / 2) + 1;

/** Records a page over a grid of invocations, `columns` x `lines` a layer. */
function record(
  r: Recorder,
  page: Page,
  bind: Record<string, Value>,
  [columns, lines, layers]: readonly [number, number, number],
  params: Record<string, number | readonly number[]>,
  local = true,
): void {
  const groups = flatGroups(columns, lines);
  r.dispatch(page, {
    bind,
    params: { ...params },
    groups: [...groups, layers],
    iterations: 0,
    slab: local ? { layers, halo: 0, groups: (layers) => [...groups, layers] } : undefined,
  });
}

/** The extents of lines along x: four rows of a real image, or two of a complex array, side by side in a texel. */
export function linesOf({ channels, depth, height, width }: Extents, rows: 2 | 4): TexelExtents {
  return { channels, layers: depth, rows: Math.ceil(height / rows), columns: width };
}

/** The extents of a spectrum with `frequencies` of each row, two a texel. */
export function spectrumOf({ channels, depth, height }: Extents, frequencies: number): TexelExtents {
  return { channels, layers: depth, rows: height, columns: Math.ceil(frequencies / 2) };
}

/** The axes beside x. */
const beside = (axes: readonly Axis[]) => axes.filter((axis) => axis !== "x");

/** The transform of a real image or volume along `axes`, x among them: the frequencies up to half the width. */
export function transformReal(
  r: Recorder,
  image: Value,
  extents: Extents,
  axes: readonly Axis[],
  { scale = 1 }: Transform = {},
): Texels {
  const { channels, depth, width } = extents;
  const packed = newTexels(r, linesOf(extents, 4));
  const layers = channels * depth;
  record(r, packPage, { image, lines: packed.value }, [Math.ceil(width / 4), packed.rows, layers], { width });
  const lines = transformAlong(r, packed, "x", { scale });
  const half = newTexels(r, spectrumOf(extents, halfOf(width)));
  const work = [half.columns, lines.rows, layers] as const;
  record(r, untanglePage, { lines: lines.value, spectrum: half.value }, work, { width });
  return beside(axes).reduce((spectrum, axis) => transformAlong(r, spectrum, axis), half);
}

/** The real image of such a transform, its pixels clipped to a range. */
export function inverseReal(
  r: Recorder,
  spectrum: Texels,
  extents: Extents,
  axes: readonly Axis[],
  { scale = 1, range = [-3.4e38, 3.4e38] }: { scale?: number; range?: readonly [number, number] } = {},
): Value {
  const { channels, depth, height, width } = extents;
  const layers = channels * depth;
  const half = beside(axes).reduce((texels, axis) => transformAlong(r, texels, axis, { inverse: true }), spectrum);
  const tangled = newTexels(r, linesOf(extents, 4));
  const work = [half.columns, tangled.rows, layers] as const;
  record(r, tanglePage, { spectrum: half.value, lines: tangled.value }, work, { width });
  const lines = transformAlong(r, tangled, "x", { inverse: true, scale });
  const shape = extents.spatial.length === 2 ? [channels, height, width] : [channels, depth, height, width];
  const image = r.temporary({ dtype: "f32", shape });
  record(r, unpackPage, { lines: lines.value, image }, [Math.ceil(width / 4), lines.rows, layers], {
    width,
    low: range[0],
    high: range[1],
  });
  return image;
}

/** Two columns a texel from two rows a texel, or the other way. */
function turn(r: Recorder, texels: Texels, extents: Extents, to: "rows" | "columns"): Texels {
  const { height, width } = extents;
  const result = newTexels(r, to === "rows" ? linesOf(extents, 2) : spectrumOf(extents, width));
  const squares = [Math.ceil(width / 2), Math.ceil(height / 2)] as const;
  const along = [[1, 0], [0, 1]];
  const [source_step, result_step] = to === "rows" ? along.toReversed() : along;
  const bind = { source: texels.value, result: result.value };
  const layers = result.channels * result.layers;
  record(r, turnPage, bind, [...squares, layers], { source_step, result_step, squares });
  return result;
}

/**
 * The transform of complex numbers along `axes`, x among them. In space two rows lie in a texel, in the spectrum two
 * columns; so `texels` is the one and the result the other, by `inverse`.
 */
export function transformComplex(
  r: Recorder,
  texels: Texels,
  extents: Extents,
  axes: readonly Axis[],
  { inverse = false, scale = 1 }: Transform = {},
): Texels {
  if (inverse) {
    const columns = beside(axes).reduce((value, axis) => transformAlong(r, value, axis, { inverse }), texels);
    return transformAlong(r, turn(r, columns, extents, "rows"), "x", { inverse, scale });
  }
  const rows = transformAlong(r, texels, "x", { scale });
  return beside(axes).reduce((value, axis) => transformAlong(r, value, axis), turn(r, rows, extents, "columns"));
}

/** The first `frequencies` of each row of a tensor [2, ...], real parts before imaginary ones, two a texel. */
export function joinParts(r: Recorder, parts: Value, extents: Extents, frequencies = extents.width): Texels {
  const spectrum = newTexels(r, spectrumOf(extents, frequencies));
  const layers = extents.channels * extents.depth;
  const work = [Math.ceil(spectrum.columns / 2), extents.height, layers] as const;
  record(r, joinPage, { parts, spectrum: spectrum.value }, work, { layers }, false);
  return spectrum;
}

/** A tensor `shape` of [2, ...] from texels of which each row has the first `known` frequencies. */
export function splitParts(
  r: Recorder,
  spectrum: Texels,
  extents: Extents,
  axes: readonly Axis[],
  shape: readonly number[],
  known: number = extents.width,
): Value {
  const { channels, depth, height, width } = extents;
  const parts = r.temporary({ dtype: "f32", shape });
  const turned = [Number(axes.includes("y")), Number(axes.includes("z"))];
  const layers = channels * depth;
  const params = { width, known, layers, depth, turned };
  record(r, splitPage, { spectrum: spectrum.value, parts }, [Math.ceil(width / 4), height, layers], params, false);
  return parts;
}

/** Two rows a texel from two columns a texel: how {@linkcode transformComplex} takes what {@linkcode joinParts} gives. */
export function rowsOf(r: Recorder, texels: Texels, extents: Extents): Texels {
  return turn(r, texels, extents, "rows");
}

/** The other way. */
export function columnsOf(r: Recorder, texels: Texels, extents: Extents): Texels {
  return turn(r, texels, extents, "columns");
}
