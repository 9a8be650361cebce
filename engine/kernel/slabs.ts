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

/** The most that a dispatch of a step may bind of a buffer, and the most layers that it may write. */
export interface SlabLimits {
  readonly bytes: number;
  readonly layers: number;
}

/**
 * The dispatches that a step becomes: one, unless it exceeds the limits, or `most()` (asked anew for each) is fewer
 * workgroups than it has. Only steps that declare a slab can be cut.
 */
export function* slabsOf(
  step: DispatchStep,
  groups: readonly [number, number, number],
  { bytes: limit, layers: mostLayers }: SlabLimits,
  most: () => number = () => Infinity,
): Generator<Slab> {
  const slab = step.call.slab;
  const layers = slab?.layers ?? 1;
  const halo = slab?.halo ?? 0;
  const range = rangesOf(step, layers);
  const greatest = (wanted: Extent) =>
    Math.max(0, ...step.nodes.map((node, index) => extentOf(step, index) === wanted ? bytesOf(node!) : 0));
  const [largest, largestWhole] = [greatest("layers"), greatest("whole")];
  if (largestWhole > limit) refuse(step, "all", largestWhole, limit);
  const bindable = largest <= limit ? layers : Math.floor((limit - alignment) / (largest / layers)) - 2 * halo;
  if (bindable < 1 || (largest > limit && !slab)) {
    const needed = 1 + 2 * halo;
    refuse(step, slab && needed < layers ? `${needed} of ${layers} layers` : "all", largest, limit);
  }
  const groupsOf = slab?.groups ?? (() => groups);
  const groupsPerLayer = slab ? product(slab.groups(1)) : Infinity;
  let end = 0;
  do {
    const begin = end;
    const wanted = slab ? Math.max(1, Math.floor(most() / groupsPerLayer)) : layers;
    end = Math.min(layers, begin + Math.min(bindable, mostLayers, wanted));
    const isAll = begin === 0 && end === layers;
    // Buffers that fit are bound whole: a window that reaches beyond the halo then finds its pixels.
    const [first, last] = largest <= limit ? [0, layers] : [Math.max(0, begin - halo), Math.min(layers, end + halo)];
    for (const ranges of inParts(step, range(first, last), limit)) {
      yield { begin, end, groups: isAll ? groups : groupsOf(end - begin), ranges };
    }
  } while (end < layers);
}

function refuse(step: DispatchStep, parts: string, bytes: number, limit: number): never {
  throw new MemoryError(
    `${step.label} must bind ${parts} of a buffer of ${mebibytes(bytes)}, but this adapter binds ${
      mebibytes(limit)
    } at most: run smaller parts`,
  );
}

const product = (counts: readonly number[]): number => counts.reduce((all, count) => all * count, 1);

/** How much of a buffer a dispatch of some layers binds: these layers, all of it, or one part after the other. */
type Extent = "layers" | "whole" | "parts";

/** How a binding is bound; none where it is no buffer. */
function extentOf({ nodes, page, call: { slab } }: DispatchStep, index: number): Extent | undefined {
  if (nodes[index]?.home !== "buffer") return undefined;
  const { name } = page.bindings[index];
  if (slab?.parts === name) return "parts";
  return slab?.whole?.includes(name) ? "whole" : "layers";
}

/** What dispatches of the same layers bind: one, or as many as the parts of a buffer that exceeds the limit. */
function* inParts(step: DispatchStep, ranges: Slab["ranges"], limit: number): Generator<Slab["ranges"]> {
  const cut = ranges.findIndex((range, index) => extentOf(step, index) === "parts" && range!.bytes > limit);
  if (cut === -1) return yield ranges;
  const { bytes } = ranges[cut]!;
  const most = Math.floor(limit / alignment) * alignment;
  for (let offset = 0; offset < bytes; offset += most) {
    yield ranges.with(cut, {
      offset,
      bytes: Math.min(most, bytes - offset),
      first: offset / unitBytes(step.nodes[cut]!),
    });
  }
}

/** What a step binds of its buffers for the layers from `first` to `last`. */
function rangesOf(step: DispatchStep, layers: number): (first: number, last: number) => Slab["ranges"] {
  return (first, last) =>
    step.nodes.map((node, index) => {
      if (!node) return null;
      if (extentOf(step, index) !== "layers") return { offset: 0, bytes: bytesOf(node), first: 0 };
      const layerBytes = bytesOf(node) / layers;
      const offset = Math.floor(first * layerBytes / alignment) * alignment;
      return { offset, bytes: Math.ceil(last * layerBytes) - offset, first: offset / unitBytes(node) };
    });
}
