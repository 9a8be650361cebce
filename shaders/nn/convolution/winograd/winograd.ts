/**
 * 3x3 convolution of stride 1 by Winograd's F(4,3) in x and y: 36 products per tile of 4x4 outputs instead of 144. Taps along
 * z, where there are any, are chunks of the products. A. Lavin and S. Gray, CVPR 2016.
 */

import {
  type Binding,
  definePage,
  type Lib,
  type Page,
  type Recorder,
  type Tune,
  type Value,
} from "../../../contract.ts";
import { epilogue, functions, loops } from "../../../lib/mod.ts";
import { sizeOf, xyz } from "../../../shape.ts";
import { iterationLimit, nestedIterations } from "../../loops.ts";
import type { Geometry } from "../geometry.ts";
import { bias, type SourcePages, sourcePages } from "../pages.ts";
import { blocksOf, shared, size, sourceOf, weightStrides, type Work } from "../record.ts";
import doubledText from "./winograd_input_doubled.wgsl" with { type: "text" };
import inputText from "./winograd_input.wgsl" with { type: "text" };
import outputText from "./winograd_output.wgsl" with { type: "text" };
import fewText from "./winograd_products_few.wgsl" with { type: "text" };
import productsText from "./winograd_products.wgsl" with { type: "text" };
import tilesText from "./winograd_tiles.wgsl" with { type: "text" };
import weightsText from "./winograd_weights.wgsl" with { type: "text" };

const page = (
  name: string,
  text: string,
  libs: readonly Lib[],
  bindings: readonly Binding[],
  subgroups = false,
): Page => definePage({ name, file: import.meta.resolve(`./${name}.wgsl`), text, libs, bindings, subgroups });

/** How tiles fall into blocks. */
const tilesLib: Lib = { file: import.meta.resolve("./winograd_tiles.wgsl"), text: tilesText };

const weightsPage: Page = {
  ...page("winograd_weights", weightsText, [], [
    { name: "weight", access: "read", layout: "linear" },
    { name: "packed", access: "write", layout: "rows4" },
  ]),
  staged: true,
};

const inputPages = sourcePages(page("winograd_input", inputText, [tilesLib], [
  { name: "x", access: "read", layout: "channels4" },
  { name: "points", access: "write", layout: "rows4" },
]));

/** Of maps that are doubled before. */
const doubledPages = sourcePages(page("winograd_input_doubled", doubledText, [tilesLib], [
  { name: "x", access: "read", layout: "channels4" },
  { name: "points", access: "write", layout: "rows4" },
]));

const productsPage = page("winograd_products", productsText, [loops, tilesLib], [
  { name: "points", access: "read", layout: "rows4" },
  { name: "doubled", access: "read", layout: "rows4" },
  { name: "weight", access: "read", layout: "rows4" },
  { name: "products", access: "write", layout: "rows4" },
], true);

/** Of blocks of few tiles: lanes are blocks of output channels. */
const fewPage = page("winograd_products_few", fewText, [loops, tilesLib], productsPage.bindings, true);

const outputPages = sourcePages(page("winograd_output", outputText, [loops, functions, epilogue, bias, tilesLib], [
  { name: "products", access: "read", layout: "rows4" },
  { name: "x", access: "read", layout: "channels4" },
  { name: "weight", access: "read", layout: "linear" },
  { name: "bias", access: "read", layout: "linear" },
  { name: "added", access: "read", layout: "channels4" },
  { name: "y", access: "write", layout: "channels4" },
]));

/** Points of a tile, texels of output channels per workgroup. */
const points = 36, texels = 4;
/** Points of a tile of a map that is doubled before, and the products for which they stand. */
const doubledPoints = 16, doubledProducts = 25;
/** Input channels of a chunk of the products. */
const chunkChannels = 8;
/** Most eighths of a block whose products lanes share by output channels (measured: 1.4 times as fast at two). */
const mostFewEighths = 2;
/** Most sums of an invocation that the driver keeps well (measured: 64 are slower than half of them). */
const mostSums = 32;
/** Most bytes of the points of the input or of the output: 16 texels of either are 36 of points. */
const mostBytes = 3 * 2 ** 26;
const mostLayers = 2048;

/**
 * Eighths of a block: all, but fewer where they would be empty, though two in slices, where one gains nothing and takes pipelines of
 * its own. The weights of a step cost as much as two eighths.
 */
function eighthsOf(isDeep: boolean, tiles: number, depth: number, wide: number): number {
  const cost = (eighths: number) => Math.ceil((isDeep ? depth * wide : tiles) / (8 * eighths)) * (eighths + 2);
  // Maps fall into multiples of 7 where images are of 224.
  return (isDeep ? [8, 4, 2, 1] : [8, 7, 4, 2]).reduce((best, eighths) => cost(eighths) < cost(best) ? eighths : best);
}

/** How a convolution falls into tiles, in blocks of so many eighths if not of those that leave the fewest empty. */
function tilesOf({ batch, input, output, kernel, inChannels, outChannels }: Geometry, given?: number) {
  const [width, height, outDepth] = xyz(output, 1);
  const [, , depth] = xyz(input, 1);
  const across = Math.ceil(width / 4);
  const slice = across * Math.ceil(height / 4);
  const isDeep = xyz(kernel, 1)[2] > 1 || depth !== outDepth;
  // Slices of few tiles share the lanes.
  const wide = isDeep && slice <= 4 ? 2 ** Math.ceil(Math.log2(slice)) : 8;
  const eighths = given ?? eighthsOf(isDeep, slice * outDepth * batch, outDepth, wide);
  const blockDepth = 8 * eighths / wide;
  const blocks = blocksOf(outChannels);
  const isFew = !isDeep && xyz(kernel, 1)[2] === 1 && eighths <= mostFewEighths;
  /** Tiles of the greatest block. */
  const used = Math.min(8 * eighths, slice * outDepth * batch);
  const few = isFew ? [4, 2, 1].find((few) => few === 1 || 8 * few <= blocks && few * used <= mostSums)! : 0;
  const blocksIn = (slices: number) =>
    isDeep
      ? Math.ceil(slice / wide) * Math.ceil(slices / blockDepth) * batch
      : Math.ceil(slice * slices * batch / (8 * eighths));
  return {
    batch,
    depth,
    outDepth,
    across,
    slice,
    isDeep,
    /** Tiles of a slice in an eighth of a block, and slices of a block, where there are taps along z. */
    wide,
    blockDepth,
    eighths,
    /** Tiles of a block. */
    block: 8 * eighths,
    inBlocks: blocksIn(depth),
    outBlocks: blocksIn(outDepth),
    /** Blocks of the input with the one of zeros behind them, which taps along z read beyond the ends. */
    read: blocksIn(depth) + (isDeep ? 1 : 0),
    chunks: Math.ceil(inChannels / chunkChannels),
    used,
    /** Blocks of output channels a lane where lanes are such blocks, else 0. */
    few,
    /** Rows of the products, and the workgroups that share them. */
    rows: Math.ceil(blocks / (few > 0 ? 8 * few : texels)) * (few > 0 ? 8 * few : texels),
    groups: Math.ceil(blocks / (few > 0 ? 8 * few : texels)),
  };
}

const outputIterations = ({ kernel, inChannels }: Geometry): number =>
  nestedIterations([16, xyz(kernel, 1)[2], 3, blocksOf(inChannels)]);

/** Whether Winograd's form can compute a convolution. */
export function servesWinograd(geometry: Geometry): boolean {
  const { kernel, strides, dilations, groups, input, output, inChannels } = geometry;
  if (kernel.length < 2 || groups > 1 || sizeOf(input) * sizeOf(output) * inChannels === 0) return false;
  const isFitting = kernel.slice(-2).every((taps) => taps === 3) &&
    [...strides, ...dilations].every((step) => step === 1);
  if (!isFitting || outputIterations(geometry) > iterationLimit) return false;
  const { block, read, outBlocks, chunks, rows } = tilesOf(geometry);
  const bytes = 16 * points * block * Math.max(read * chunks * 2, outBlocks * rows);
  return Math.max(read, outBlocks) <= mostLayers && bytes <= mostBytes;
}

/** Eighths of a block: the ones that leave the fewest empty, and half of them. */
export function winogradTunes(geometry: Geometry): Tune[] {
  const { eighths } = tilesOf(geometry);
  return [eighths, eighths >> 1].filter((count) => count > 0).map((EIGHTHS) => ({ EIGHTHS }));
}

/** Whether there are channels and tiles enough for the transforms to pay (measured). */
export function paysWinograd(geometry: Geometry): boolean {
  const { batch, inChannels, outChannels, output, kernel } = geometry;
  const { slice, outBlocks, block, used, few } = tilesOf(geometry);
  const [width, height, depth] = xyz(output, 1);
  const tiles = slice * depth * batch;
  const share = width * height * depth * batch / (16 * outBlocks * (few > 0 ? used : block));
  const isDeep = xyz(kernel, 1)[2] > 1;
  // Few tiles pay for reading four times the weights where channels are many.
  const leastChannels = isDeep ? 8 : tiles >= 16 ? 32 : 192;
  return Math.min(inChannels, outChannels) >= leastChannels && tiles >= (isDeep ? 16 : 4) &&
    share >= (isDeep ? 0.45 : 0.6);
}

/** Maps that are joined and doubled on the way. */
export interface DoubledMaps {
  /** The input channels of the first map: those of a second one follow. */
  readonly border: number;
  /** How often the axes of either are doubled. */
  readonly doublings: readonly [number, number];
}

/**
 * Operations that the form executes: products of whole blocks of tiles and channels, and the transforms: 12 of 19 operations a
 * tile and channel of the input (`spread`), 8 of 12 where its map is doubled, 10 of 13 of the output (`gathered`).
 */
export function winogradFlops(geometry: Geometry, maps?: DoubledMaps): number {
  const { read, outBlocks, block, chunks, rows, few, used, isDeep } = tilesOf(geometry);
  const taps = xyz(geometry.kernel, 1)[2];
  const inTiles = read * block, outTiles = outBlocks * block;
  const doubled = doubledChunksOf(doubledChannels(geometry, isDeep, maps));
  const own = chunks - doubled.count;
  const products = 2 * (points * own + doubledProducts * doubled.count) * taps * 8 *
    outBlocks * (few > 0 ? used : block) * rows * 4;
  return products + (12 * 19 * own + 8 * 12 * doubled.count) * inTiles * 8 +
    10 * 13 * outTiles * 4 * blocksOf(geometry.outChannels);
}

/**
 * The input channels of maps that are doubled once and have 16 points a tile instead of 36, as pixels of a tile are equal in pairs:
 * in slices, where tiles start at odd pixels and maps at whole chunks. Elsewhere an empty range.
 */
function doubledChannels(
  { padsBegin, inChannels }: Geometry,
  isDeep: boolean,
  maps: DoubledMaps | undefined,
): readonly [number, number] {
  if (maps === undefined || isDeep || padsBegin.slice(-2).some((pad) => pad % 2 === 0)) return [0, 0];
  const { border } = maps;
  if (border < inChannels && border % chunkChannels > 0) return [0, 0];
  const [isFirst, isSecond] = maps.doublings.map((doublings) => doublings === 1);
  return [isFirst ? 0 : border, isSecond ? inChannels : border];
}

/** The chunks of a range of channels. */
function doubledChunksOf(channels: readonly [number, number]): { readonly begin: number; readonly count: number } {
  const [begin, end] = channels.map((channel) => Math.ceil(channel / chunkChannels));
  return { begin, count: end - begin };
}

/** Records the form `winograd`. */
export function recordWinograd(r: Recorder, work: Work, { EIGHTHS }: Tune): void {
  const { geometry, weight, x, y } = work;
  const { kernel, inChannels, outChannels, input, output, padsBegin } = geometry;
  const tiles = tilesOf(geometry, EIGHTHS);
  const taps = xyz(kernel, 1)[2];
  const { outStride, inStride } = weightStrides(geometry, false);
  const { joined } = work;
  const border = joined?.second === undefined ? inChannels : x.shape[1];
  const doubled = doubledChannels(geometry, tiles.isDeep, joined && { border, doublings: joined.doublings });
  // Chunks of doubled maps, and of the others.
  const { begin: doubledBegin, count: doubledChunks } = doubledChunksOf(doubled);
  const ownBegin = doubledBegin > 0 ? 0 : doubledChunks;
  const ownChunks = tiles.chunks - doubledChunks;
  const { few } = tiles;
  const key = `convolution:winograd:${few}:${doubledChunks > 0 ? doubled : ""}`;
  const transformed = r.derived(weight, key, (weight) => {
    const shape = few > 0
      ? [points, tiles.groups * tiles.chunks, 64 * few * 4]
      : [points, tiles.groups, taps * tiles.chunks * texels * 8 * 4];
    const packed = r.temporary({ dtype: "f32", shape });
    r.dispatch(weightsPage, {
      bind: { weight, packed },
      params: {
        out_channels: outChannels,
        in_channels: inChannels,
        out_stride: outStride,
        in_stride: inStride,
        taps,
        across: 8 * few,
        doubled,
      },
      groups: [Math.ceil(shape[2] / 256), shape[1], 1],
      iterations: 0,
    });
    return packed;
  });

  const columns = points * tiles.block * 4;
  const tune = { EIGHTHS, DEEP: Number(tiles.isDeep), WIDE: tiles.wide };
  /** The points of maps of so many chunks, each block of channels by so many workgroups. */
  const spread = (pages: SourcePages, first: number, chunks: number, points: number, share: number): Value => {
    const result = r.temporary({ dtype: "f32", shape: [tiles.read, chunks * 2, points * tiles.block * 4] });
    const groups = (layers: number) => [chunks * 2 * share, layers, 1] as const;
    const source = sourceOf(work, pages);
    r.dispatch(source.page, {
      bind: { x, points: result, ...source.bind },
      params: {
        ...source.params,
        input: size(input, blocksOf(inChannels)),
        pads: [...xyz(padsBegin, 0), 0],
        tiles: [tiles.slice, tiles.depth, tiles.batch, tiles.across],
        first: first * 2,
      },
      overrides: source.overrides,
      tune: { ...tune, ...source.tune },
      groups: groups(tiles.read),
      iterations: 0,
      slab: { layers: tiles.read, halo: 0, whole: ["x", ...source.whole], groups },
    });
    return result;
  };
  const ofDoubled = doubledChunks > 0 ? spread(doubledPages, doubledBegin, doubledChunks, doubledPoints, 1) : null;
  // Where all maps are doubled nothing else is read.
  const ofOwn = ownChunks > 0 ? spread(inputPages, ownBegin, ownChunks, points, 2) : ofDoubled;

  const products = r.temporary({ dtype: "f32", shape: [tiles.outBlocks, tiles.rows, columns] });
  const productGroups = (layers: number) => [tiles.groups, points, layers] as const;
  const ranges = { first: ownBegin, doubled: [doubledBegin, doubledChunks] };
  r.dispatch(few > 0 ? fewPage : productsPage, {
    bind: { points: ofOwn, doubled: ofDoubled, weight: transformed, products },
    params: few > 0 ? { chunks: tiles.chunks, steps: ownChunks, ...ranges } : {
      steps: taps * ownChunks,
      taps,
      pad: xyz(padsBegin, 0)[2],
      across: Math.ceil(tiles.slice / tiles.wide),
      depth: tiles.depth,
      depths: Math.ceil(tiles.depth / tiles.blockDepth),
      out_depths: Math.ceil(tiles.outDepth / tiles.blockDepth),
      blocks: tiles.inBlocks,
      ...ranges,
    },
    tune: {
      ...tune,
      DOUBLED: Number(doubledChunks > 0),
      ...few > 0 ? { TEXELS: few, USED: tiles.used } : { TEXELS: texels },
    },
    groups: productGroups(tiles.outBlocks),
    iterations: nestedIterations([taps * tiles.chunks]),
    slab: { layers: tiles.outBlocks, halo: 0, whole: ["points", "doubled", "weight"], groups: productGroups },
  });

  const [width, height] = xyz(output, 1);
  const isFull = tiles.outBlocks * tiles.block === tiles.slice * tiles.outDepth * tiles.batch;
  const isWhole = isFull && width % 4 === 0 && height % 4 === 0;
  const blocks = blocksOf(outChannels);
  const outputGroups = (layers: number) => [layers, tiles.outBlocks, 1] as const;
  const outputSource = sourceOf(work, outputPages);
  r.dispatch(outputSource.page, {
    bind: { products, x, weight, bias: work.bias ?? null, added: work.added ?? null, y, ...outputSource.bind },
    params: {
      ...outputSource.params,
      input: size(input, blocksOf(inChannels)),
      output: size(output, blocks),
      pads: [...xyz(padsBegin, 0), 0],
      tiles: [tiles.slice, tiles.outDepth, tiles.batch, tiles.across],
      taps,
      channels: outChannels,
      out_stride: outStride,
      in_stride: inStride,
    },
    overrides: shared(work, outputSource.overrides),
    tune: { ...tune, WHOLE: Number(isWhole), ...outputSource.tune },
    groups: outputGroups(blocks),
    iterations: outputIterations(geometry),
    slab: {
      layers: blocks,
      halo: 0,
      whole: ["products", "x", "weight", "bias", ...outputSource.whole],
      groups: outputGroups,
    },
  });
}
