/** Runs of layers for dispatches whose buffers exceed what can be bound at once. */

import { MemoryError } from "../errors.ts";
import { elementCount } from "../memory/layout.ts";
import { mebibytes } from "../memory/pool.ts";
import type { DispatchStep, Node } from "./recording.ts";

/** What one dispatch binds of each buffer, and which layers it writes. */
export interface Slab {
  readonly begin: number;
  readonly end: number;
  readonly groups: readonly [number, number, number];
  /** For each binding: first byte, bytes, and first layer (texels) or first element (`linear`) of the bound range. */
  readonly ranges: readonly ({ offset: number; bytes: number; first: number } | null)[];
}

/** Bytes to which the offset of a bound range must be aligned. */
const alignment = 256;

const bytesOf = (node: Node): number =>
  node.extents.texels * node.extents.rows * node.extents.layers * (node.layout === "linear" ? 4 : 16);

/** The dispatches that a step becomes: one, unless a buffer exceeds `limit` bytes. */
export function slabsOf(step: DispatchStep, groups: readonly [number, number, number], limit: number): Slab[] {
  const buffers = step.nodes.filter((node) => node?.home === "buffer") as Node[];
  const largest = Math.max(0, ...buffers.map(bytesOf));
  const layers = step.call.slab?.layers ?? 1;
  if (largest <= limit) {
    const ranges = step.nodes.map((node) => node && { offset: 0, bytes: bytesOf(node), first: 0 });
    return [{ begin: 0, end: layers, groups, ranges }];
  }
  const slab = step.call.slab;
  if (!slab) {
    throw new MemoryError(
      `${step.label} binds a buffer of ${mebibytes(largest)}, but this adapter binds ${
        mebibytes(limit)
      } at most: run smaller parts`,
    );
  }
  const layerBytes = buffers.map((node) => bytesOf(node) / layers);
  // A slab starts where every bound range starts at an aligned byte.
  const unit = layerBytes.reduce((multiple, bytes) => leastCommonMultiple(multiple, alignedLayers(bytes)), 1);
  const margin = Math.ceil(slab.halo / unit) * unit;
  const fit = Math.floor(limit / Math.max(...layerBytes)) - 2 * margin;
  const count = Math.floor(fit / unit) * unit;
  if (count <= 0) {
    throw new MemoryError(
      `${step.label} needs ${unit + 2 * margin} of ${layers} layers at once (${
        mebibytes(Math.max(...layerBytes) * (unit + 2 * margin))
      }), but this adapter binds ${mebibytes(limit)} at most: run smaller parts`,
    );
  }
  const result: Slab[] = [];
  for (let begin = 0; begin < layers; begin += count) {
    const end = Math.min(layers, begin + count);
    const first = Math.max(0, begin - margin);
    const last = Math.min(layers, end + margin);
    const ranges = step.nodes.map((node) => {
      if (!node) return null;
      if (node.home === "texture") return { offset: 0, bytes: 0, first: 0 };
      const bytes = bytesOf(node) / layers;
      const elements = elementCount([node.extents.texels, node.extents.rows, node.extents.layers]) / layers;
      return {
        offset: first * bytes,
        bytes: (last - first) * bytes,
        first: node.layout === "linear" ? first * elements : first,
      };
    });
    result.push({ begin, end, groups: slab.groups(end - begin), ranges });
  }
  return result;
}

/** Fewest layers whose bytes are a multiple of the alignment. */
function alignedLayers(layerBytes: number): number {
  let layers = 1;
  while ((layers * layerBytes) % alignment !== 0) layers *= 2;
  return layers;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return a / x * b;
}
