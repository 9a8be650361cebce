import { definePage, type Page, type Recorder, type Spec, type Value } from "../../contract.ts";
import {
  border as borderLib,
  loops as loopsLib,
  rowTiles as rowTilesLib,
  taps as tapsLib,
  tiles as tilesLib,
} from "../../lib/mod.ts";
import { borderFill, type BorderOptions, borderRule } from "../border.ts";
import type { Extents } from "../extents.ts";
import { dispatchRows, splitTiles } from "../tiles.ts";
import packText from "./convolve_pack.wgsl" with { type: "text" };
import text from "./convolve.wgsl" with { type: "text" };

/** Weighted sums over a box of pixels. */
export const convolvePage: Page = definePage({
  name: "convolve",
  file: import.meta.resolve("./convolve.wgsl"),
  text,
  libs: [borderLib, loopsLib, tapsLib, tilesLib, rowTilesLib],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "weights", access: "read", layout: "rows4" },
    { name: "other", access: "read", layout: "rows4" },
    { name: "result", access: "write", layout: "rows4" },
  ],
});

/** Lays kernels out for {@linkcode convolvePage}. */
export const convolvePackPage: Page = definePage({
  name: "convolve_pack",
  file: import.meta.resolve("./convolve_pack.wgsl"),
  text: packText,
  bindings: [
    { name: "kernel", access: "read", layout: "linear" },
    { name: "table", access: "write", layout: "rows4" },
  ],
});

/** Size of a kernel: slices, rows, columns. */
export type KernelSize = readonly [number, number, number];

/** How the taps of a kernel are read. */
export interface KernelPlan {
  readonly size: KernelSize;
  /** Slices, rows and pixels from an output to its first tap. */
  readonly first: KernelSize;
  /** Zeros before the first tap of a row, so that it starts with a whole texel. */
  readonly lead: number;
  /** Taps of a row in a chunk of the page, and how many chunks a row takes. */
  readonly taps: number;
  readonly blocks: number;
}

/** Most taps of a chunk: a page of more takes long to compile and runs no faster. One row in one chunk does run faster. */
const mostTaps = 24;
const mostTapsOfOneRow = 48;

/**
 * The place of a kernel about its pixel, as scipy.ndimage has it: index `size / 2`, rounded down, of the kernel lies on the
 * pixel, whether it is turned about it (`flip`: convolution) or not (correlation).
 */
export function planKernel(size: KernelSize, flip: boolean): KernelPlan {
  const [z, y, x] = size.map((count) => -Math.floor((flip ? count - 1 : count) / 2));
  const lead = x - 4 * Math.floor(x / 4);
  const inOneTurn = size[0] * size[1] === 1 && lead + size[2] <= mostTapsOfOneRow;
  const blocks = inOneTurn ? 1 : Math.ceil((lead + size[2]) / mostTaps);
  return { size, first: [z, y, x], lead, blocks, taps: 4 * Math.ceil((lead + size[2]) / blocks / 4) };
}

/** Loop iterations of an invocation for a kernel. */
function kernelIterations({ blocks, size: [slices, rows] }: KernelPlan): number {
  return blocks * (1 + slices * (1 + rows));
}

/** Most loop iterations of an invocation that every driver runs. */
const mostIterations = 60_000;

/** Throws where a kernel takes too many chunks. */
export function checkIterations(filter: string, [, ...size]: readonly [number, ...KernelSize], flip: boolean): void {
  const chunks = kernelIterations(planKernel(size, flip));
  if (chunks <= mostIterations) return;
  throw new RangeError(
    `${filter} got a kernel of [${
      size.join(", ")
    }] pixels, which takes ${chunks} chunks, but ${mostIterations} are the most ` +
      "that every driver runs: take a smaller kernel, or filter in the frequency domain",
  );
}

/** Kernels of equal size as {@linkcode recordConvolution} takes them. */
export interface KernelTable extends KernelPlan {
  readonly table: Value;
  readonly kernels: number;
}

/** Lays out the kernels of `[K, d, h, w]`; once for a tensor. */
export function packKernels(r: Recorder, kernels: Value, flip: boolean): KernelTable {
  const [count, ...size] = kernels.shape;
  const plan = planKernel(size as unknown as KernelSize, flip);
  const shape = [count, size[0] * size[1], plan.blocks * plan.taps];
  const table = r.derived(kernels, `convolve ${flip}`, (kernel) => {
    const made = r.temporary({ dtype: "f32", shape });
    r.dispatch(convolvePackPage, {
      bind: { kernel, table: made },
      params: { count: size, lead: plan.lead, flip: Number(flip) },
      groups: [Math.ceil(shape[2] / 32), Math.ceil(shape[1] / 8), count],
      iterations: 0,
    });
    return made;
  });
  return { ...plan, table, kernels: count };
}

/** Where results go: the layer of the first one, and how much further on that of the next channel, slice and kernel is. */
export interface Target {
  readonly result: Value;
  readonly first: number;
  readonly channel: number;
  readonly slice: number;
  readonly kernel: number;
}

/** What becomes of the sums before they are stored. */
export type Finish =
  /** The length of the pair of sums of each two kernels. */
  | { readonly kind: "magnitude" }
  /** `other / (sum + epsilon)`. */
  | { readonly kind: "ratio"; readonly other: Value; readonly epsilon: number }
  /** `other * sum`, clipped to `range`. */
  | { readonly kind: "product"; readonly other: Value; readonly range: readonly [number, number] };

const finishes = ["sum", "magnitude", "ratio", "product"];

/** The result `[C, H, W]` or `[C, D, H, W]` of one kernel. */
export function targetOf(result: Value, { depth }: Extents): Target {
  return { result, first: 0, channel: depth, slice: 1, kernel: 0 };
}

/** Records the weighted sums of an image with each kernel of a table. */
export function recordConvolution(
  r: Recorder,
  image: Value,
  table: KernelTable,
  extents: Extents,
  { border, cval }: BorderOptions,
  target: Target,
  finish?: Finish,
): void {
  const { channels, depth, height, width } = extents;
  const { size, first, blocks, taps, kernels } = table;
  const { result } = target;
  const firstTexel = Math.floor(first[2] / 4);
  const halo = haloOf(table, extents, border, target);
  for (let kernel = 0; kernel < kernels;) {
    const together = kernels - kernel > 1 ? 2 : 1;
    const tile = texelsFor(together);
    // Only whole texels lie inside: the lanes beyond the row's end are undefined.
    const columns = splitTiles(
      Math.ceil(width / 4 / tile),
      tile,
      -firstTexel,
      firstTexel + blocks * taps / 4 + tile - 1,
      Math.floor(width / 4),
    );
    dispatchRows(r, convolvePage, columns, height, channels * depth, {
      bind: { image, weights: table.table, result, other: finish && "other" in finish ? finish.other : null },
      params: {
        border_x: borderRule(border, width),
        border_y: borderRule(border, height),
        border_z: borderRule(border, depth),
        width,
        first: [firstTexel, first[1], first[0]],
        depth,
        count: [blocks, size[1], size[0]],
        kernel,
        layers: [target.first + kernel * target.kernel, target.channel, target.slice, target.kernel],
        fill: borderFill(border),
        cval,
        epsilon: finish?.kind === "ratio" ? finish.epsilon : 0,
        low: finish?.kind === "product" ? finish.range[0] : 0,
        high: finish?.kind === "product" ? finish.range[1] : 0,
      },
      overrides: {
        ONE_CHUNK: Number(blocks * size[0] * size[1] === 1),
        RESULT: finishes.indexOf(finish?.kind ?? "sum"),
      },
      tune: { TAPS: taps, KERNELS: together, TEXELS: tile },
      iterations: kernelIterations(table),
      halo,
      whole: ["weights"],
    });
    kernel += together;
  }
}

/** Texels that an invocation makes of a row. */
function texelsFor(kernels: number): number {
  return kernels === 1 ? 8 : 4;
}

/** Layers that a part of the dispatch reads beyond those it makes. */
function haloOf(
  { size, first }: KernelPlan,
  { channels, depth }: Extents,
  border: BorderOptions["border"],
  target: Target,
): number {
  // Buffers are cut alike, which takes that the results of each slice lie side by side.
  if (depth > 1 && target.channel !== depth * target.slice) return channels * depth;
  // What wraps around needs the layers at the other end.
  if (border === "wrap" && size[0] > 1) return depth;
  return Math.max(-first[0], size[0] - 1 + first[0]);
}

/** The kernels as `[K, d, h, w]`; throws where a kernel doesn't fit the filtered axes. */
export function kernelShape(filter: string, kernel: Spec, { axes }: Extents): [number, ...KernelSize] {
  const { dtype, shape } = kernel;
  if (dtype !== "f32") throw new TypeError(`${filter} takes a kernel of f32, not ${dtype}: convert it first`);
  const names = axes.length === 2 ? ["[h, w]", "[K, h, w]"] : ["[d, h, w]", "[K, d, h, w]"];
  if (shape.length !== axes.length && shape.length !== axes.length + 1) {
    throw new RangeError(
      `${filter} takes a kernel ${names[0]} or kernels ${names[1]} where it filters ${axes.join(", ")}, not [${
        shape.join(", ")
      }]`,
    );
  }
  const size = shape.slice(-axes.length);
  if (size.some((count) => count === 0)) {
    throw new RangeError(`${filter} got a kernel without elements, [${shape.join(", ")}]: it must have at least one`);
  }
  const count = shape.length === axes.length ? 1 : shape[0];
  return axes.length === 2 ? [count, 1, size[0], size[1]] : [count, size[0], size[1], size[2]];
}
