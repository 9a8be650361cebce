/** Runs of layers for dispatches whose buffers exceed what can be bound at once. */

import { MemoryError } from "../errors.ts";
import { mebibytes } from "../memory/pool.ts";
import type { DispatchStep, Node } from "./recording.ts";

/** What one dispatch binds of each buffer, and which layers it writes. */
export interface Slab {
  readonly begin: number;
  readonly end: number;
  readonly groups: readonly [number, number, number];
  /** For each binding: first byte and bytes of the bound range, and its first texel or (`linear`) element. */
  readonly ranges: readonly ({ offset: number; bytes: number; first: number } | null)[];
}

/** Bytes to which the offset of a bound range must be aligned. */
const alignment = 256;

const unitBytes = (node: Node): number => node.layout === "linear" ? 4 : 16;

const bytesOf = (node: Node): number => node.extents.texels * node.extents.rows * node.extents.layers * unitBytes(node);

/** The dispatches that a step becomes: one, unless a buffer exceeds `limit` bytes. */
export function slabsOf(step: DispatchStep, groups: readonly [number, number, number], limit: number): Slab[] {
  const slab = step.call.slab;
  const layers = slab?.layers ?? 1;
  const isWhole = (index: number) => slab?.whole?.includes(step.page.bindings[index].name) ?? false;
  const greatest = (wanted: (index: number) => boolean) =>
    Math.max(0, ...step.nodes.map((node, index) => node?.home === "buffer" && wanted(index) ? bytesOf(node) : 0));
  const largestWhole = greatest(isWhole);
  const largest = greatest((index) => !isWhole(index));
  const refuse = (parts: string, bytes: number): never => {
    throw new MemoryError(
      `${step.label} must bind ${parts} of a buffer of ${mebibytes(bytes)}, but this adapter binds ${
        mebibytes(limit)
      } at most: run smaller parts`,
    );
  };
  if (largestWhole > limit) refuse("all", largestWhole);
  const range = (node: Node | null, index: number, first: number, last: number) => {
    if (!node) return null;
    if (isWhole(index)) return { offset: 0, bytes: bytesOf(node), first: 0 };
    const layerBytes = bytesOf(node) / layers;
    const offset = Math.floor(first * layerBytes / alignment) * alignment;
    return { offset, bytes: Math.ceil(last * layerBytes) - offset, first: offset / unitBytes(node) };
  };
  if (largest <= limit) {
    return [{ begin: 0, end: layers, groups, ranges: step.nodes.map((node, index) => range(node, index, 0, layers)) }];
  }
  const halo = slab?.halo ?? 0;
  const count = Math.floor((limit - alignment) / (largest / layers)) - 2 * halo;
  if (!slab || count < 1) return refuse(slab ? `${1 + 2 * halo} of ${layers} layers` : "all", largest);
  const result: Slab[] = [];
  for (let begin = 0; begin < layers; begin += count) {
    const end = Math.min(layers, begin + count);
    const [first, last] = [Math.max(0, begin - halo), Math.min(layers, end + halo)];
    const ranges = step.nodes.map((node, index) => range(node, index, first, last));
    result.push({ begin, end, groups: slab.groups(end - begin), ranges });
  }
  return result;
}
