/**
 * Transforms of real images and complex arrays along several axes, as other filters record them.
 *
 * The stores of a page are what costs on software drivers, so that nothing is rearranged by a page of its own: a texel of an
 * image is two complex lines along y as it is, and each first pass along an axis reads what the one before has left.
 */
import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import { grid as gridLib } from "../../lib/mod.ts";
import type { Axis, Extents } from "../extents.ts";
import { flatGroups } from "../tiles.ts";
import { newTexels, type TexelExtents, type Texels, transformAlong } from "./transform.ts";
import joinText from "./fourier_join.wgsl" with { type: "text" };
import mirrorText from "./fourier_mirror.wgsl" with { type: "text" };
import splitText from "./fourier_split.wgsl" with { type: "text" };

const joinPage: Page = definePage({
  name: "fourier_join",
  file: import.meta.resolve("./fourier_join.wgsl"),
  text: joinText,
  libs: [gridLib],
  bindings: [
    { name: "parts", access: "read", layout: "rows4" },
    { name: "spectrum", access: "write", layout: "rows4" },
  ],
});

const mirrorPage: Page = definePage({
  name: "fourier_mirror",
  file: import.meta.resolve("./fourier_mirror.wgsl"),
  text: mirrorText,
  libs: [gridLib],
  bindings: [
    { name: "spectrum", access: "read", layout: "rows4" },
    { name: "parts", access: "write", layout: "rows4" },
  ],
});

const splitPage: Page = definePage({
  name: "fourier_split",
  file: import.meta.resolve("./fourier_split.wgsl"),
  text: splitText,
  libs: [gridLib],
  bindings: [
    { name: "spectrum", access: "read", layout: "rows4" },
    { name: "parts", access: "write", layout: "rows4" },
  ],
});

/** The frequencies of a real line that are kept, up to half its length; the others are their conjugates. */
export const halfOf = (count: number): number => Math.floor(count / 2) + 1;

/** What the numbers of a texel lie side by side in: two columns of a row, or two rows of a column. */
export type Neighbors = "columns" | "rows";

/** The extents of an array of complex numbers with `rows` rows, two numbers per texel. */
export function arrayOf(
  { channels, depth, height, width }: Extents,
  neighbors: Neighbors,
  rows: number = height,
): TexelExtents {
  return neighbors === "columns"
    ? { channels, layers: depth, rows, columns: Math.ceil(width / 2) }
    : { channels, layers: depth, rows: Math.ceil(rows / 2), columns: width };
}

/** The extents of a real image: two complex lines along y per texel. */
function imageOf({ channels, depth, height, width }: Extents): TexelExtents {
  return { channels, layers: depth, rows: height, columns: Math.ceil(width / 4) };
}

/** The axes beside x and y. */
const beyond = (axes: readonly Axis[]) => axes.filter((axis) => axis === "z");

/** The transform of the columns of a real image: a texel of four columns is two complex lines, whose transforms it becomes. */
export function transformColumns(
  r: Recorder,
  image: Value,
  extents: Extents,
  { scale = 1, lanes = false }: { scale?: number; lanes?: boolean } = {},
): Texels {
  const { height, width } = extents;
  const texels = imageOf(extents);
  return transformAlong(r, { ...texels, value: image }, "y", {
    scale,
    lanes,
    source: { name: "image", extents: texels, width, height },
  });
}

/**
 * The transform of a real image or volume along `axes`, x and y among them: the rows of frequencies up to half the height,
 * two rows per texel.
 */
export function transformReal(
  r: Recorder,
  image: Value,
  extents: Extents,
  axes: readonly Axis[],
  { scale = 1, lanes = false }: { scale?: number; lanes?: boolean } = {},
): Texels {
  const { height, width } = extents;
  const columns = transformColumns(r, image, extents, { scale, lanes });
  const half = arrayOf(extents, "rows", halfOf(height));
  const rows = transformAlong(r, columns, "x", {
    lanes,
    source: { name: "columnTransforms", extents: half, width, height },
  });
  return beyond(axes).reduce((spectrum, axis) => transformAlong(r, spectrum, axis, { lanes }), rows);
}

/** The real image of such a transform, its pixels held in a range if one is given. */
export function inverseReal(
  r: Recorder,
  spectrum: Texels,
  extents: Extents,
  axes: readonly Axis[],
  { scale = 1, range, lanes = false }: { scale?: number; range?: readonly [number, number]; lanes?: boolean } = {},
): Value {
  const { channels, depth, height, width } = extents;
  const slices = beyond(axes).reduce(
    (texels, axis) => transformAlong(r, texels, axis, { inverse: true, lanes }),
    spectrum,
  );
  const rows = transformAlong(r, slices, "x", { inverse: true, lanes });
  const shape = extents.spatial.length === 2 ? [channels, height, width] : [channels, depth, height, width];
  const image = r.temporary({ dtype: "f32", shape });
  transformAlong(r, rows, "y", {
    inverse: true,
    scale,
    lanes,
    source: { name: "rowTransforms", extents: imageOf(extents), width, height },
    range,
    into: image,
  });
  return image;
}

/** The transform of complex numbers, two columns per texel before and after, along `axes`, x and y among them. */
export function transformComplex(
  r: Recorder,
  texels: Texels,
  extents: Extents,
  axes: readonly Axis[],
  { inverse = false, scale = 1 }: { inverse?: boolean; scale?: number } = {},
): Texels {
  const { height, width } = extents;
  const columns = transformAlong(r, transformRows(r, texels, extents, { inverse, scale }), "y", {
    inverse,
    source: { name: "rows", extents: arrayOf(extents, "columns"), width, height },
  });
  return beyond(axes).reduce((value, axis) => transformAlong(r, value, axis, { inverse }), columns);
}

/** The transform of complex numbers along x: two columns per texel before, two rows per texel after. */
export function transformRows(
  r: Recorder,
  texels: Texels,
  extents: Extents,
  { inverse = false, scale = 1 }: { inverse?: boolean; scale?: number } = {},
): Texels {
  const { height, width } = extents;
  return transformAlong(r, texels, "x", {
    inverse,
    scale,
    source: { name: "columns", extents: arrayOf(extents, "rows"), width, height },
  });
}

/** Texels of the first `rows` rows of a tensor [2, ...], real parts before imaginary ones, or of a real one. */
export function joinParts(
  r: Recorder,
  parts: Value,
  extents: Extents,
  neighbors: Neighbors,
  { rows = extents.height, real = false }: { rows?: number; real?: boolean } = {},
): Texels {
  const spectrum = newTexels(r, arrayOf(extents, neighbors, rows));
  const layers = extents.channels * extents.depth;
  r.dispatch(joinPage, {
    bind: { parts, spectrum: spectrum.value },
    params: {
      size: [extents.width, extents.height],
      layers: real ? 0 : layers,
      rows: Number(neighbors === "rows"),
    },
    groups: [...flatGroups(spectrum.columns, spectrum.rows), layers],
    iterations: 0,
  });
  return spectrum;
}

/**
 * A tensor `shape` of [2, ...], of all columns or the first ones, from the half of a real image's transform; `deep` where z
 * was transformed too.
 */
export function mirrorParts(
  r: Recorder,
  spectrum: Texels,
  extents: Extents,
  shape: readonly number[],
  { deep }: { deep: boolean },
): Value {
  const { channels, depth, height, width } = extents;
  const parts = r.temporary({ dtype: "f32", shape });
  const layers = channels * depth;
  const work = [Math.ceil(shape.at(-1)! / 4), spectrum.rows] as const;
  r.dispatch(mirrorPage, {
    bind: { spectrum: spectrum.value, parts },
    params: { size: [width, height], layers, depth, deep: Number(deep), work },
    groups: [...flatGroups(...work), layers],
    iterations: 0,
  });
  return parts;
}

/** A tensor `shape` of [2, ...], or of the real parts alone, of all columns or the first ones, from texels. */
export function splitParts(
  r: Recorder,
  spectrum: Texels,
  { channels, depth, height, width }: Extents,
  neighbors: Neighbors,
  shape: readonly number[],
): Value {
  const parts = r.temporary({ dtype: "f32", shape });
  const layers = channels * depth;
  r.dispatch(splitPage, {
    bind: { spectrum: spectrum.value, parts },
    params: { size: [width, height], layers, rows: Number(neighbors === "rows") },
    groups: [...flatGroups(Math.ceil(shape.at(-1)! / 4), height), layers],
    iterations: 0,
  });
  return parts;
}
