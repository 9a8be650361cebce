/**
 * 3x3 convolution of stride 1 by Winograd's F(4,3) in x and y: 36 products per tile of 4x4 outputs instead of 144. Taps along
 * z, where there are any, are chunks of the products. A. Lavin and S. Gray, CVPR 2016.
 */

import { type Binding, definePage, type Lib, type Page, type Recorder } from "../../../contract.ts";
import { epilogue, loops } from "../../../lib/mod.ts";
import { sizeOf, xyz } from "../../../shape.ts";
import { iterationLimit, nestedIterations } from "../../loops.ts";
import type { Geometry } from "../geometry.ts";
import { bias } from "../pages.ts";
import { blocksOf, shared, size, weightStrides, type Work } from "../record.ts";
import inputText from "./winograd_input.wgsl" with { type: "text" };
import outputText from "./winograd_output.wgsl" with { type: "text" };
import productsText from "./winograd_products.wgsl" with { type: "text" };
import weightsText from "./winograd_weights.wgsl" with { type: "text" };

const page = (
  name: string,
  text: string,
  libs: readonly Lib[],
  bindings: readonly Binding[],
  subgroups = false,
): Page => definePage({ name, file: import.meta.resolve(`./${name}.wgsl`), text, libs, bindings, subgroups });

const weightsPage = page("winograd_weights", weightsText, [], [
  { name: "weight", access: "read", layout: "linear" },
  { name: "packed", access: "write", layout: "rows4" },
]);

const inputPage = page("winograd_input", inputText, [], [
  { name: "x", access: "read", layout: "channels4" },
  { name: "points", access: "write", layout: "rows4" },
]);

const productsPage = page("winograd_products", productsText, [loops], [
  { name: "points", access: "read", layout: "rows4" },
  { name: "weight", access: "read", layout: "rows4" },
  { name: "products", access: "write", layout: "rows4" },
], true);

const outputPage = page("winograd_output", outputText, [loops, epilogue, bias], [
  { name: "products", access: "read", layout: "rows4" },
  { name: "x", access: "read", layout: "channels4" },
  { name: "weight", access: "read", layout: "linear" },
  { name: "bias", access: "read", layout: "linear" },
  { name: "added", access: "read", layout: "channels4" },
  { name: "y", access: "write", layout: "channels4" },
]);

/** Tiles in a block, points of a tile, texels of output channels per workgroup. */
const blockTiles = 64, points = 36, texels = 4;
/** Most bytes of the points of the input or of the output: 16 texels of either are 36 of points. */
const mostBytes = 3 * 2 ** 26;
const mostLayers = 2048;

/** How a convolution falls into tiles. */
function tilesOf({ batch, input, output, kernel, inChannels, outChannels }: Geometry) {
  const [width, height, outDepth] = xyz(output, 1);
  const depth = xyz(input, 1)[2];
  const across = Math.ceil(width / 4);
  const slice = across * Math.ceil(height / 4);
  const [inTiles, outTiles] = [slice * depth * batch, slice * outDepth * batch];
  const [inBlocks, outBlocks] = [inTiles, outTiles].map((tiles) => Math.ceil(tiles / blockTiles));
  const chunks = Math.ceil(inChannels / 8), groups = Math.ceil(blocksOf(outChannels) / texels);
  const isDeep = xyz(kernel, 1)[2] > 1 || depth !== outDepth;
  // Few tiles fill a block by eighths; taps along z read a block of zeros behind the last one.
  const eighths = isDeep ? 8 : Math.min(8, 2 ** Math.ceil(Math.log2(Math.ceil(outTiles / 8))));
  const read = isDeep ? (inBlocks + 1) * blockTiles : Math.ceil(inTiles / (8 * eighths)) * 8 * eighths;
  return {
    depth,
    outDepth,
    across,
    slice,
    inTiles,
    outTiles,
    inBlocks,
    outBlocks,
    chunks,
    groups,
    isDeep,
    eighths,
    read,
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
  const { inBlocks, outBlocks, chunks, groups: outGroups } = tilesOf(geometry);
  const bytes = 16 * points * blockTiles * Math.max(inBlocks * chunks * 2, outBlocks * outGroups * texels);
  return Math.max(inBlocks + 1, outBlocks) <= mostLayers && bytes <= mostBytes;
}

/** Whether there are channels and tiles enough for the transforms to pay (measured). */
export function paysWinograd({ batch, inChannels, outChannels, output, kernel }: Geometry): boolean {
  const [width, height, depth] = xyz(output, 1);
  const tiles = Math.ceil(width / 4) * Math.ceil(height / 4) * depth * batch;
  const share = width * height / (16 * Math.ceil(width / 4) * Math.ceil(height / 4));
  const least = xyz(kernel, 1)[2] > 1 ? 16 : 64;
  return Math.min(inChannels, outChannels) >= least && tiles >= 16 && share >= 0.6;
}

/**
 * Operations that the form executes: products of whole blocks of tiles and channels, and the transforms: 12 of 19 operations a
 * tile and channel of the input (`spread`), 10 of 13 of the output (`gathered`).
 */
export function winogradFlops(geometry: Geometry): number {
  const { inBlocks, outBlocks, chunks, groups, eighths } = tilesOf(geometry);
  const taps = xyz(geometry.kernel, 1)[2];
  const inTiles = inBlocks * blockTiles * eighths / 8, outTiles = outBlocks * blockTiles * eighths / 8;
  const products = 2 * points * outTiles * groups * texels * 4 * chunks * 8 * taps;
  return products + 12 * 19 * inTiles * chunks * 8 + 10 * 13 * outTiles * groups * texels * 4;
}

/** Records the form `winograd`. */
export function recordWinograd(r: Recorder, work: Work): void {
  const { geometry, weight, x, y } = work;
  const { kernel, inChannels, outChannels, input, output, padsBegin } = geometry;
  const tiles = tilesOf(geometry);
  const taps = xyz(kernel, 1)[2];
  const { outStride, inStride } = weightStrides(geometry, false);
  const transformed = r.derived(weight, "convolution:winograd", (weight) => {
    const shape = [points, tiles.groups, taps * tiles.chunks * texels * 8 * 4];
    const packed = r.temporary({ dtype: "f32", shape });
    r.dispatch(weightsPage, {
      bind: { weight, packed },
      params: {
        out_channels: outChannels,
        in_channels: inChannels,
        out_stride: outStride,
        in_stride: inStride,
        chunks: tiles.chunks,
      },
      groups: [Math.ceil(shape[2] / 32), Math.ceil(shape[1] / 8), points],
      iterations: 0,
    });
    return packed;
  });

  const columns = points * blockTiles * 4;
  const spread = r.temporary({ dtype: "f32", shape: [tiles.inBlocks + 1, tiles.chunks * 2, columns] });
  const inputGroups = (layers: number) => [tiles.chunks * 2, layers, 1] as const;
  r.dispatch(inputPage, {
    bind: { x, points: spread },
    params: {
      input: size(input, blocksOf(inChannels)),
      pads: [...xyz(padsBegin, 0), 0],
      tiles: [tiles.across, tiles.slice, tiles.inTiles, tiles.read],
    },
    groups: inputGroups(tiles.inBlocks + 1),
    iterations: 0,
    slab: { layers: tiles.inBlocks + 1, halo: 0, whole: ["x"], groups: inputGroups },
  });

  const products = r.temporary({ dtype: "f32", shape: [tiles.outBlocks, tiles.groups * texels, columns] });
  const productGroups = (layers: number) => [tiles.groups, points, layers] as const;
  r.dispatch(productsPage, {
    bind: { points: spread, weight: transformed, products },
    params: {
      chunks: tiles.chunks,
      taps,
      pad: xyz(padsBegin, 0)[2],
      tiles: tiles.slice,
      depth: tiles.depth,
      out_depth: tiles.outDepth,
      blocks: tiles.inBlocks,
    },
    tune: { TEXELS: texels, EIGHTHS: tiles.eighths, DEEP: tiles.isDeep ? 1 : 0 },
    groups: productGroups(tiles.outBlocks),
    iterations: nestedIterations([taps, tiles.chunks]),
    slab: { layers: tiles.outBlocks, halo: 0, whole: ["points", "weight"], groups: productGroups },
  });

  const blocks = blocksOf(outChannels);
  const outputGroups = (layers: number) => [layers, tiles.outBlocks, 1] as const;
  r.dispatch(outputPage, {
    bind: { products, x, weight, bias: work.bias ?? null, added: work.added ?? null, y },
    params: {
      input: size(input, blocksOf(inChannels)),
      output: size(output, blocks),
      pads: [...xyz(padsBegin, 0), 0],
      tiles: [tiles.across, tiles.slice, tiles.outTiles, 0],
      taps,
      in_channels: inChannels,
      channels: outChannels,
      out_stride: outStride,
      in_stride: inStride,
    },
    overrides: shared(work),
    groups: outputGroups(blocks),
    iterations: outputIterations(geometry),
    slab: { layers: blocks, halo: 0, whole: ["products", "x", "weight", "bias"], groups: outputGroups },
  });
}
