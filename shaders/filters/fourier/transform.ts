import { type Call, definePage, type Lib, type Page, type Recorder, type Value } from "../../contract.ts";
import { grid as gridLib } from "../../lib/mod.ts";
import type { Axis } from "../extents.ts";
import { flatGroups } from "../tiles.ts";
import { chirpOf, isSmooth, type Pass, passesOf, passTable } from "./plan.ts";
import { lineLengths, lineTable, rootsLib } from "./line.ts";
import chirpText from "./fourier_chirp.wgsl" with { type: "text" };
import lineText from "./fourier_line.wgsl" with { type: "text" };
import numbersText from "./fourier_numbers.wgsl" with { type: "text" };
import passText from "./fourier_pass.wgsl" with { type: "text" };

const bindings = [
  { name: "source", access: "read", layout: "rows4" },
  { name: "table", access: "read", layout: "rows4" },
  { name: "result", access: "write", layout: "rows4" },
] as const;

/** Short transforms, and where their numbers come from. */
const numbersLib: Lib = { file: import.meta.resolve("./fourier_numbers.wgsl"), text: numbersText };

const passPage: Page = definePage({
  name: "fourier_pass",
  file: import.meta.resolve("./fourier_pass.wgsl"),
  text: passText,
  libs: [gridLib, numbersLib],
  bindings,
});

const linePage: Page = definePage({
  name: "fourier_line",
  file: import.meta.resolve("./fourier_line.wgsl"),
  text: lineText,
  libs: [gridLib, numbersLib, rootsLib],
  bindings,
  subgroups: true,
});

const chirpPage: Page = definePage({
  name: "fourier_chirp",
  file: import.meta.resolve("./fourier_chirp.wgsl"),
  text: chirpText,
  libs: [gridLib],
  bindings,
});

/** An array of texels that hold two complex numbers each, of two lines: `[channels * layers, rows, 4 * columns]` of f32. */
export interface Texels {
  readonly value: Value;
  readonly channels: number;
  /** Layers of a channel, along z. */
  readonly layers: number;
  readonly rows: number;
  readonly columns: number;
}

/** What of {@linkcode Texels} is known before it is written. */
export type TexelExtents = Omit<Texels, "value">;

/** A new array of texels. */
export function newTexels(r: Recorder, extents: TexelExtents): Texels {
  const { channels, layers, rows, columns } = extents;
  return { ...extents, value: r.temporary({ dtype: "f32", shape: [channels * layers, rows, 4 * columns] }) };
}

/** How lines are transformed. */
export interface Transform {
  /** Whether subgroups may make whole lines. Default false. */
  readonly lanes?: boolean;
  /** Whether the exponent's sign is turned. Default false. */
  readonly inverse?: boolean;
  /** What the result is multiplied by. Default 1. */
  readonly scale?: number;
  /** The array's arrangement, where it isn't that of the result. */
  readonly source?: Arrangement;
  /** Least and greatest value of the result. */
  readonly range?: readonly [number, number];
  /** What the result is written to, of its extents in texels. */
  readonly into?: Value;
}

/** The arrangements that a first pass reads, SOURCE of its page. */
const sources = { image: 1, columnTransforms: 2, rowTransforms: 3, columns: 4, rows: 5 } as const;

/** An array that is arranged otherwise than what is made of it (see fourier_pass.wgsl). */
export interface Arrangement {
  readonly name: keyof typeof sources;
  /** The extents of what is made of it, before the transform. */
  readonly extents: TexelExtents;
  /** Columns and rows of the image. */
  readonly width: number;
  readonly height: number;
}

const steps = { x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1] } as const;

/** Numbers along an axis of an array of texels. */
export function lengthAlong(texels: TexelExtents, axis: Axis): number {
  return axis === "x" ? texels.columns : axis === "y" ? texels.rows : texels.layers;
}

function resized(extents: TexelExtents, axis: Axis, length: number): TexelExtents {
  const { channels, layers, rows, columns } = extents;
  if (axis === "x") return { channels, layers, rows, columns: length };
  return axis === "y" ? { channels, layers, rows: length, columns } : { channels, layers: length, rows, columns };
}

/** Records the discrete Fourier transform of all lines along an axis, two lines per texel. */
export function transformAlong(r: Recorder, texels: Texels, axis: Axis, options: Transform = {}): Texels {
  const { inverse = false, scale = 1, source, range, into } = options;
  const count = lengthAlong(source?.extents ?? texels, axis);
  const rearranged = source !== undefined || range !== undefined || into !== undefined;
  if (count === 1 && scale === 1 && !rearranged) return texels;
  if (isSmooth(count)) return transformSmooth(r, texels, axis, options);
  const { padded, chirp, kernel } = tableOf(r, `chirp ${count}`, () => {
    const { padded, chirp, kernel } = chirpOf(count);
    return { padded, chirp: line(r, chirp), kernel: line(r, kernel) };
  });
  const numbers = source ? pass(r, texels, axis, single, 1, { source }) : texels;
  const longer = multiply(r, numbers, axis, padded, chirp, { inverse });
  const spectrum = multiply(r, transformSmooth(r, longer, axis, {}), axis, padded, kernel, {});
  const result = multiply(r, transformSmooth(r, spectrum, axis, { inverse: true }), axis, count, chirp, { scale });
  return range || into ? pass(r, result, axis, single, 1, { range, into }) : result;
}

function transformSmooth(r: Recorder, texels: Texels, axis: Axis, options: Transform): Texels {
  const { inverse, source, scale, range, into, lanes } = options;
  const count = lengthAlong(source?.extents ?? texels, axis);
  // Sources of several loads a number would double what the driver has to compile.
  const isDirect = (source === undefined || source.name === "image") && !range && !into;
  if (lanes && isDirect && lineLengths.includes(count)) return transformLines(r, texels, axis, options);
  const found = passesOf(count);
  const passes = found.length === 0 ? [single] : found;
  let span = 1;
  return passes.reduce((numbers, { a, b }, index) => {
    const first = index === 0 ? { inverse, source } : {};
    const last = index === passes.length - 1 ? { scale, range, into } : {};
    const result = pass(r, numbers, axis, { a, b }, span, { ...first, ...last });
    span *= a * b;
    return result;
  }, texels);
}

/** Records the transform of whole lines by subgroups. */
function transformLines(r: Recorder, texels: Texels, axis: Axis, options: Transform): Texels {
  const extents = options.source?.extents ?? texels;
  const count = lengthAlong(extents, axis);
  const table = tableOf(r, `line ${count}`, () => r.constant(lineTable(count), [1, 2 * count]));
  const result = newTexels(r, extents);
  const work = resized(extents, axis, 1);
  const lines = work.columns * work.rows;
  record(r, linePage, texels, result, table, work, axis, {
    params: { count, ...paramsOf(options) },
    tune: { SUBS: count / 256 },
    overrides: { SOURCE: sourceOf(options), AXIS: steps[axis].indexOf(1) },
    groups: [Math.min(lines, 65_535), Math.ceil(lines / 65_535)],
  });
  return result;
}

/** The pass that transforms nothing and only reads and writes. */
const single: Pass = { a: 1, b: 1 };

/** Records one pass; `span` is the product of those before it. */
function pass(r: Recorder, texels: Texels, axis: Axis, { a, b }: Pass, span: number, options: Transform): Texels {
  const extents = options.source?.extents ?? texels;
  const count = lengthAlong(extents, axis);
  const parts = count / (a * b);
  const table = tableOf(r, `pass ${a} ${b} ${span}`, () => {
    const { data, shape } = passTable({ a, b }, span);
    return r.constant(data, shape);
  });
  const result = options.into ? { ...extents, value: options.into } : newTexels(r, extents);
  const [low, high] = options.range ?? [0, 0];
  record(r, passPage, texels, result, table, resized(extents, axis, parts), axis, {
    params: { axis: steps[axis], count, parts, span, ...paramsOf(options), low, high },
    tune: { A: a, B: b },
    overrides: {
      SOURCE: sourceOf(options),
      CLIP: Number(options.range !== undefined),
      FIRST: Number(span === 1),
    },
  });
  return result;
}

/** What both pages are told of where their numbers come from and what becomes of them. */
function paramsOf({ inverse = false, scale = 1, source }: Transform) {
  return { mirrored: Number(inverse), width: source?.width ?? 0, height: source?.height ?? 0, scale };
}

const sourceOf = ({ source }: Transform): number => source === undefined ? 0 : sources[source.name];

/** Multiplies lines by a table, cut or continued by zeros to a length. */
function multiply(
  r: Recorder,
  source: Texels,
  axis: Axis,
  length: number,
  table: Value,
  { inverse = false, scale = 1 }: Transform,
): Texels {
  const result = newTexels(r, resized(source, axis, length));
  const params = {
    axis: steps[axis],
    count: lengthAlong(source, axis),
    result_count: length,
    mirrored: Number(inverse),
    scale,
  };
  record(r, chirpPage, source, result, table, result, axis, { params });
  return result;
}

function record(
  r: Recorder,
  page: Page,
  source: Texels,
  result: Texels,
  table: Value,
  work: TexelExtents,
  axis: Axis,
  { groups = flatGroups(work.columns, work.rows), params, tune, overrides }:
    & Pick<Call, "params" | "tune" | "overrides">
    & { readonly groups?: readonly [number, number] },
): void {
  const layers = work.channels * work.layers;
  r.dispatch(page, {
    bind: { source: source.value, table, result: result.value },
    params: { ...params, work: [work.columns, work.rows, layers] },
    tune,
    overrides,
    groups: [...groups, layers],
    iterations: 0,
    // Along z a transform needs all layers of its channel at once.
    slab: axis === "z" ? undefined : {
      layers,
      halo: 0,
      whole: ["table"],
      groups: (layers) => [...groups, layers],
    },
  });
}

/** Complex numbers in one row, two per texel. */
function line(r: Recorder, numbers: Float32Array): Value {
  const width = 4 * Math.ceil(numbers.length / 4);
  const padded = new Float32Array(width);
  padded.set(numbers);
  return r.constant(padded, [1, width]);
}

const tables = new WeakMap<Recorder, Map<string, unknown>>();

/** What a recording has made under a key; the tables of many transforms of one length are the same. */
export function tableOf<T>(r: Recorder, key: string, make: () => T): T {
  const known = tables.get(r) ?? new Map<string, unknown>();
  tables.set(r, known);
  if (!known.has(key)) known.set(key, make());
  return known.get(key) as T;
}
